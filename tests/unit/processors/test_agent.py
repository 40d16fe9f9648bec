"""Each of the four ways a record may end, without a broker."""

import asyncio
import math
import subprocess
import sys
import textwrap
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from structlog.testing import capture_logs

from huizhen.processors import agent as module
from huizhen.processors.agent import Agent, Clocks, arrived
from huizhen.processors.lane import Lane
from huizhen.processors.mailbox import Mailbox
from huizhen.processors.outbox import Outbox
from huizhen.processors.sessions import Sessions
from huizhen.processors.step import Assembler
from huizhen.processors.studio import Studio
from huizhen.schemas.kafka_io import Delivered
from huizhen.schemas.routing import Record, read_event
from huizhen.schemas.threads_io import EXIT_BUG
from huizhen.schemas.topics import Topic, name_of
from tests.exam import Coded, Exam, Sent, exam_frames, known_sessions

EXAM = Exam()
FRAMES = exam_frames(EXAM, 8, key_every=3)
TOPIC = name_of(Topic.PACKETS, EXAM.stream.tenant)


@dataclass(eq=False)
class FakeMessage:
    offset: int
    value: bytes | None
    headers: Any
    topic: str = TOPIC
    partition: int = 0
    timestamp: float = 0.0
    key: bytes | None = b"exam-1"

    def ack(self, consumer: Any) -> bool:
        return True


class FakeSender:
    """Keeps records until told to deliver them."""

    def __init__(self) -> None:
        self.sent: list[tuple[Record, Delivered]] = []

    def send(self, record: Record, delivered: Delivered | None = None) -> None:
        assert delivered is not None
        self.sent.append((record, delivered))

    def topics(self) -> list[str]:
        return [record.topic for record, _ in self.sent]

    def deliver(self) -> None:
        waiting, self.sent = self.sent, []
        for _, delivered in waiting:
            delivered(None, None)


@dataclass
class Scene:
    sender: FakeSender
    agent: Agent
    acked: list[int]
    left: list[BaseException]
    offset: int = 0
    generation: list[int] = field(default_factory=lambda: [1])
    end: list[int] = field(default_factory=lambda: [0])

    async def take(self, *sent: Sent) -> None:
        for one in sent:
            await self.agent.take(FakeMessage(self.offset, one.value, one.headers))
            self.offset += 1
        await self.agent.lane.drain()

    async def deliver(self) -> None:
        self.sender.deliver()
        await asyncio.sleep(0)


def scene(sessions: Sessions | None = None, catch_up: Callable[[], Awaitable[bool]] | None = None) -> Scene:
    async def there() -> bool:
        return True

    def no_leave(error: BaseException) -> None:
        left.append(error)

    acked: list[int] = []
    left: list[BaseException] = []
    generation, end = [1], [0]
    known = known_sessions(EXAM, FRAMES[0]) if sessions is None else sessions
    sender = FakeSender()
    mailbox = Mailbox()
    made = Agent(
        Assembler(known), Studio(known), mailbox, Lane(mailbox, no_leave), Outbox(sender, no_leave), catch_up or there,
        lambda message: acked.append(message.offset), lambda: generation[0], lambda place: end[0], leave=no_leave,
    )  # fmt: skip
    mailbox.after = made.acknowledge_free
    return Scene(sender, made, acked, left, generation=generation, end=end)


def packets(*frames: Coded) -> list[Sent]:
    return [one for frame in frames for one in frame.packets(1)]


async def test_stations_of_a_partition_that_is_behind_are_told() -> None:
    at, clock = scene(), [0.0]
    told: list[Record] = []
    at.agent.tell = told.append
    at.agent.clocks = Clocks(lambda: clock[0], lambda: 5)
    for frame in FRAMES[:8]:
        at.end[0] = 3 * at.offset + 100
        await at.take(*packets(frame))
        clock[0] += 0.1
    assert [record.topic for record in told] == [name_of(Topic.COMMANDS, EXAM.stream.tenant)]
    headers: list[tuple[str, bytes | None]] = [*told[0].headers]
    command = read_event(headers, told[0].value)
    assert (command.kind, command.session, command.station) == ("behind", EXAM.stream.session, told[0].key)


async def test_stored_a_record_is_acknowledged_after_delivery_key_frame_by_key_frame() -> None:
    at = scene()
    await at.take(*packets(*FRAMES[:3]))
    assert at.sender.topics() == ["huizhen.frames", "huizhen.verdicts"] * 3
    await at.deliver()
    assert at.acked == [], "the interval is still needed by a restarted worker"
    await at.take(*packets(FRAMES[3]))
    assert at.acked == [0, 1, 2]
    await at.take(*packets(FRAMES[4], FRAMES[5], FRAMES[6]))
    assert at.acked == [0, 1, 2], "the second interval is not delivered yet"
    await at.deliver()
    assert at.acked == [0, 1, 2, 3, 4, 5]
    assert at.left == []


async def test_a_profile_that_is_not_here_is_said_once() -> None:
    at = scene()
    with capture_logs() as said:
        await at.take(*packets(*FRAMES[:3]))
    found = [one for one in said if one["event"] == "unknown_profile"]
    assert [(one["profile"], one["version"], one["log_level"]) for one in found] == [("'default'", 1, "warning")]


async def test_dead_lettered_a_record_is_acknowledged_after_its_bytes_are_safe() -> None:
    at = scene()
    await at.take(Sent([], b"garbage", FRAMES[0].packets(1)[0].meta))
    assert at.sender.topics() == ["huizhen.clinic.rejected"]
    assert at.acked == []
    await at.deliver()
    assert at.acked == [0]


async def test_held_a_record_waits_while_the_sessions_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CATCH_UP_RETRY_S", 0.001)
    sessions, answers = Sessions(), [False, False, True]

    async def catch_up() -> bool:
        found = answers.pop(0)
        waited.append(at.agent.is_waiting)
        if found:
            sessions.announce(EXAM.announced())
            sessions.declare(EXAM.declared(FRAMES[0]))
        return found

    waited: list[bool] = []
    at = scene(sessions, catch_up)
    await at.take(*packets(FRAMES[0]))
    assert waited == [False, True, True]
    assert not at.agent.is_waiting
    assert at.sender.topics() == ["huizhen.frames", "huizhen.verdicts"]
    assert at.acked == []


async def test_held_a_record_is_not_acknowledged_while_its_delivery_fails() -> None:
    at = scene()
    at.agent.assembler.sessions.seal(EXAM.sealed(1))
    await at.take(*packets(FRAMES[0]))
    await at.agent.look_for_silence(0.0, 1e9)
    assert at.acked == []
    await at.deliver()
    assert at.acked == [0]


async def test_bug_the_process_is_left_and_nothing_is_acknowledged() -> None:
    at = scene()
    at.agent.assembler = None  # type: ignore[assignment] # broken on purpose
    await at.take(*packets(FRAMES[0]))
    assert [type(error) for error in at.left] == [AttributeError]
    assert at.acked == []


async def test_bug_in_the_lane_leaves_too() -> None:
    at = scene()
    at.agent.studio = None  # type: ignore[assignment] # broken on purpose
    await at.take(*packets(FRAMES[0]))
    assert [type(error) for error in at.left] == [AttributeError]
    assert at.acked == []


async def test_a_late_record_gives_way_to_live_ones_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GIVE_WAY_STEP_S", 0.001)
    at = scene()
    live, now = [True], [0.0]
    at.agent.live_waits = lambda: live[0]
    at.agent.clocks = Clocks(lambda: now[0], lambda: 0)
    ends: tuple[Callable[[], None], ...] = (
        lambda: live.__setitem__(0, False),
        lambda: now.__setitem__(0, now[0] + module.GIVE_WAY_S),
    )
    for end in ends:
        live[0] = True
        sent = FRAMES[at.offset].whole()
        waiting = asyncio.create_task(at.agent.take_late(FakeMessage(at.offset, sent.value, sent.headers)))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        end()
        await asyncio.wait_for(waiting, 5.0)
        at.offset += 1
    await at.agent.lane.drain()


def test_leaving_unwinds_nothing_and_says_why() -> None:
    code = """
        from huizhen.schemas.threads_io import leave
        from huizhen.schemas import logs
        logs.configure("processors", "info")
        try:
            leave(RuntimeError("why"))
        finally:
            print("unwound")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, timeout=60, check=False)
    assert done.returncode == EXIT_BUG
    assert done.stdout == b""
    assert b'"detail": "why"' in done.stderr


async def test_a_refused_record_between_good_ones_keeps_its_place_in_the_order() -> None:
    at = scene()
    await at.take(*packets(FRAMES[0]), Sent([], b"garbage", FRAMES[0].packets(1)[0].meta), *packets(FRAMES[3]))
    await at.deliver()
    assert at.acked == [0, 1]


async def test_while_the_broker_does_not_answer_no_source_is_silent() -> None:
    at = scene()
    await at.take(*packets(FRAMES[0]))
    at.end[0] = 1
    await at.agent.look_for_silence(0.0, 0.0, -math.inf)
    assert at.agent.assembler.sources == 1
    await at.take(*packets(FRAMES[1]))
    assert at.sender.topics().count("huizhen.frames") == 2, (
        "a frame that stood on the topic all the time still finds what it leans on"
    )


async def test_a_silent_source_holds_nothing_back() -> None:
    at = scene()
    await at.take(*packets(FRAMES[0]), FRAMES[1].packets(5)[0])
    await at.deliver()
    at.end[0] = 3
    await at.agent.look_for_silence(0.0, 0.0)
    assert at.agent.assembler.sources == 1, "the partition is not read to its end"
    at.end[0] = 2
    await at.agent.look_for_silence(0.0, 0.0)
    await at.agent.lane.drain()
    assert at.acked == [], "the frame that closed by it is still on its way"
    assert at.agent.held == 2
    await at.deliver()
    assert at.acked == [0, 1]


async def test_a_stopping_agent_passes_records_by() -> None:
    at = scene()
    at.agent.is_stopping = True
    await at.take(*packets(FRAMES[0]))
    assert at.sender.sent == []
    assert (at.agent.taken, at.agent.held) == (0, 0)


async def test_a_partition_that_is_read_again_starts_from_nothing() -> None:
    at = scene()
    await at.take(*packets(*FRAMES[:2]))
    at.offset = 0
    await at.take(*packets(*FRAMES[:4]))
    await at.deliver()
    assert at.acked == [0, 1, 2]
    assert at.left == []


async def test_a_record_taken_away_while_it_waits_is_left_to_the_next_reader() -> None:
    async def catch_up() -> bool:
        at.generation[0] += 1
        return True

    at = scene(Sessions(), catch_up)
    await at.take(*packets(FRAMES[0]))
    assert at.sender.sent == []
    assert at.agent.held == 0


async def test_a_held_acknowledgement_keeps_no_bytes() -> None:
    at = scene()
    first = packets(FRAMES[0])[0]
    message = FakeMessage(0, first.value, first.headers)
    await at.agent.take(message)
    assert message.value is None
    assert message.headers is None
    await at.agent.lane.drain()


def test_faust_gives_headers_as_pairs_or_as_a_mapping() -> None:
    pairs = [("a", b"1"), ("b", b"2")]
    for headers in (pairs, dict(pairs)):
        assert arrived(FakeMessage(3, b"v", headers)).headers == tuple(pairs)
    assert arrived(FakeMessage(3, None, None)).value == b""
