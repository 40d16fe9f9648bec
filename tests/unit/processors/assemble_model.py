"""What must be said of any history of packets, told with sets only, and the assembler that is held against it."""

import functools
import hashlib
from dataclasses import dataclass, field, replace

from huizhen.processors.arrival import Arrived
from huizhen.processors.step import Assembler
from huizhen.schemas.reasons import Verdict
from huizhen.schemas.topics import Topic
from tests.exam import Coded, Exam, arrived, known_sessions, moving

EXAM = Exam()
FRAMES = [EXAM.frame(0, moving(0, 64, 96))]
for _number in range(1, 7):
    FRAMES.append(EXAM.frame(_number, moving(_number, 64, 96), _number == 4, FRAMES[-1]))
SENT = [frame.packets(5) for frame in FRAMES]
CORRUPT = b"\x00"
Event = tuple[int, int | str, bool]
"""Frame, packet index or `whole`, `notice` or `silence`, and whether the bytes are corrupt"""


def needs(frame: Coded) -> dict[int, tuple[int, set[int]]]:
    """Give per tile the frame that carries it and the packets of that frame that hold it."""
    number, said = int(frame.head.frame.number), {one.tile: one.age for one in frame.unchanged}
    found = {}
    for tile in range(frame.header.tiles):
        carrier = number - said.get(tile, 0)
        phase = frame.header.phase(tile)
        found[tile] = carrier, {0, detail_index(FRAMES[carrier], phase)}
    return found


def detail_index(frame: Coded, phase: int) -> int:
    unchanged = {one.tile for one in frame.unchanged}
    sent = sorted({frame.header.phase(tile) for tile in range(frame.header.tiles) if tile not in unchanged})
    return 1 + sent.index(phase)


NEEDS = [needs(frame) for frame in FRAMES]


@dataclass
class Model:
    """What must be said, told with sets only."""

    got: dict[int, set[int]] = field(default_factory=dict)
    unsent: dict[int, set[int]] = field(default_factory=dict)
    whole: set[int] = field(default_factory=set)
    said: dict[int, int] = field(default_factory=dict)
    shown: dict[int, int] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    early: set[int] = field(default_factory=set)
    newest: int = -1
    has_key: bool = False
    out: list[tuple[int, Verdict, int]] = field(default_factory=list)

    def full(self, number: int) -> int:
        return sum(self.carries(number, tile) for tile in NEEDS[number])

    def carries(self, number: int, tile: int) -> bool:
        carrier, packets = NEEDS[number][tile]
        return number in self.whole or carrier in self.whole or packets <= self.got.get(carrier, set())

    def based(self, number: int) -> bool:
        borrowed = (tile for tile, (carrier, _) in NEEDS[number].items() if carrier != number)
        return 0 in self.got[number] and all(self.carries(number, tile) for tile in borrowed)

    def say(self, number: int) -> None:
        full = self.full(number)
        verdict = Verdict.PASS if full == len(NEEDS[number]) else Verdict.REPAIRED
        verdict = verdict if verdict is Verdict.PASS or self.based(number) else Verdict.INCOMPLETE
        again = number in self.said and (verdict is Verdict.INCOMPLETE or full <= self.shown.get(number, -1))
        if number in self.whole or again or (number in self.early and verdict is not Verdict.PASS):
            return
        self.shown[number] = full if verdict is not Verdict.INCOMPLETE else -1
        self.whole |= {number} if verdict is Verdict.PASS else set()
        self.out.append((number, verdict, self.revision(number)))

    def revision(self, number: int) -> int:
        self.said[number] = self.said.get(number, -1) + 1
        return self.said[number]

    def close(self, numbers: set[int]) -> None:
        for number in sorted(numbers):
            self.open.discard(number)
            self.say(number)

    def take(self, number: int, got: set[int], unsent: set[int]) -> None:
        if number in self.whole and number in self.got:
            return
        if number not in self.got:
            if number > self.newest:
                self.close(set(self.open))
                self.newest = number
                self.has_key |= FRAMES[number].head.key
            self.early |= set() if self.has_key else {number}
            self.open.add(number)
        self.got[number] = self.got.get(number, set()) | got
        self.unsent[number] = self.unsent.get(number, set()) | unsent
        done = self.got[number] | self.unsent[number] == set(range(len(SENT[number])))
        if number not in self.open:
            self.say(number)
        elif done or number < self.newest:
            self.close({number})
        self.improve(number)

    def improve(self, number: int) -> None:
        for later in sorted(set(self.got) - self.open):
            if later > number and any(carrier == number for carrier, _ in NEEDS[later].values()):
                self.say(later)

    def take_whole(self, number: int) -> None:
        if number not in self.got:
            self.out.append((number, Verdict.PASS, 1))
        elif number not in self.whole:
            self.open.discard(number)
            self.whole.add(number)
            self.out.append((number, Verdict.PASS, self.revision(number)))
            self.improve(number)


@functools.cache
def record(event: Event) -> Arrived:
    number, what, is_corrupt = event
    frame = FRAMES[number]
    if what == "whole":
        made = arrived(frame.whole(), topic=Topic.BACKFILL)
    elif what == "notice":
        made = arrived(frame.not_sent([len(SENT[number]) - 1], len(SENT[number])))
    else:
        made = arrived(SENT[number][int(what) % len(SENT[number])])
    return replace(made, value=made.value + CORRUPT) if is_corrupt else made


def told(history: list[Event]) -> list[tuple[int, Verdict, int]]:
    """Give what the model says of a history."""
    model = Model()
    for number, what, is_corrupt in history:
        count = len(SENT[number])
        if what == "silence":
            model.close(set(model.open))
        elif is_corrupt:
            pass
        elif what == "whole":
            model.take_whole(number)
        elif what == "notice":
            model.take(number, set(), {count - 1})
        else:
            model.take(number, {int(what) % count}, set())
    return model.out


def run(history: list[Event]) -> tuple[list[tuple[int, Verdict, int]], Assembler]:
    assembler = Assembler(known_sessions(EXAM, FRAMES[0]))
    out = []
    for offset, event in enumerate(history):
        if event[1] == "silence":
            closed = assembler.close_silent(offset, lambda partition: True)
        else:
            step = assembler.take(record(event), offset, caught_up=True)
            assert step is not None
            assert (step.refusal is not None) == event[2]
            closed = list(step.closed)
        for one in closed:
            number = int(one.head.frame.number)
            if one.verdict is Verdict.PASS:
                assert hashlib.sha256(one.stream).hexdigest() == FRAMES[number].head.frame_digest
            assert one.hold.owed >= 1
            one.hold.pay()
            out.append((number, one.verdict, one.revision))
    return out, assembler
