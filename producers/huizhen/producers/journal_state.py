"""What a session's journal says besides pixels: a fold over its records, written whole at the head of each segment.

Rules. A number belongs to exactly one of: journalled, dropped with a reason, or (after damage) torn, which is a reason
to be dropped too. Dropped frames never enter the rolling digest. A frame is acknowledged when Kafka confirmed all of
it, live or on backfill. `ended` says that no frame follows in this epoch, `sealed` that Kafka has the Sealed event.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from huizhen.producers.journal import Entry, Kind, roll
from huizhen.producers.journal_note import Note, read_note, write_note
from huizhen.schemas.events import Announced, GeometryDeclared
from huizhen.schemas.ranges import Ranges
from huizhen.schemas.reasons import MissingReason

VERSION = 1
SLACK_S = 0.1  # beside the sync interval: how long a sync may take before frames after it count as lost
SKIP_UNPACED = 16  # frames taken as lost where a source has no rate


@dataclass(slots=True)
class SourceState:
    """One source as the journal knows it."""

    next_number: int = 0
    digest: bytes = bytes(32)
    rate_hz: float = 0.0
    acked: Ranges = field(default_factory=Ranges)
    dropped: dict[str, Ranges] = field(default_factory=dict)
    """By MissingReason"""

    def drop(self, numbers: Ranges, reason: str) -> None:
        """Count numbers as dropped; a reason said later takes them from one said before."""
        for first, last in numbers.pairs():
            for others in self.dropped.values():
                others.discard(first, last)
            self.next_number = max(self.next_number, last + 1)
        self.dropped.setdefault(reason, Ranges()).update(numbers)

    @property
    def all_dropped(self) -> Ranges:
        """Numbers that are in no record, whatever the reason."""
        found = Ranges()
        for numbers in self.dropped.values():
            found.update(numbers)
        return found

    @property
    def drop_reason(self) -> str:
        """The reason of most dropped numbers, or empty."""
        counts = {reason: len(numbers) for reason, numbers in self.dropped.items() if numbers}
        return max(counts, key=lambda reason: counts[reason], default="")

    def copy(self) -> "SourceState":
        """Copy it, so that it stands still."""
        dropped = {reason: Ranges(numbers.pairs()) for reason, numbers in self.dropped.items()}
        return replace(self, acked=Ranges(self.acked.pairs()), dropped=dropped)

    def owed(self) -> Ranges:
        """Numbers that are in the journal and that Kafka has not confirmed."""
        everything = Ranges([(0, self.next_number - 1)] if self.next_number else [])
        return everything.without(self.acked).without(self.all_dropped)


@dataclass(slots=True)
class JournalState:
    """One session as its journal knows it."""

    session: str
    epoch: int = 0
    boot: str = ""
    """Which start of the machine wrote last: another one may have lost what was not synced"""
    announced: Announced | None = None
    sources: dict[str, SourceState] = field(default_factory=dict)
    geometries: dict[tuple[str, int], GeometryDeclared] = field(default_factory=dict)
    ended: bool = False
    sealed: bool = False

    def source(self, name: str) -> SourceState:
        """Give a source's state, made where it is new."""
        return self.sources.setdefault(name, SourceState())

    @property
    def owes(self) -> int:
        """Count the frames Kafka has not confirmed."""
        return sum(len(source.owed()) for source in self.sources.values())

    def add_frame(self, entry: Entry) -> None:
        """Fold a FRAME or FAILED record in; a number that was jumped over is torn."""
        source = self.source(entry.source)
        if entry.number > source.next_number:
            source.drop(Ranges([(source.next_number, entry.number - 1)]), MissingReason.SPOOL_TORN)
        for numbers in source.dropped.values():
            numbers.discard(entry.number)
        source.next_number = max(source.next_number, entry.number + 1)
        source.digest = roll(source.digest, entry.number, entry.frame_digest)

    def add_note(self, note: Note) -> None:
        """Fold a NOTE record in."""
        self.epoch = self.epoch if note.epoch is None else note.epoch
        self.boot = note.boot or self.boot
        self.announced = note.announced or self.announced
        self.ended = self.ended if note.ended is None else note.ended
        self.sealed = self.sealed if note.sealed is None else note.sealed
        for geometry in note.geometries:
            self.geometries[geometry.source, geometry.geometry] = geometry
        for name, rate_hz in note.rates.items():
            self.source(name).rate_hz = rate_hz
        for name, numbers in note.acked.items():
            self.source(name).acked.update(numbers)
        for reason, by_source in note.dropped.items():
            for name, numbers in by_source.items():
                self.source(name).drop(numbers, reason)

    def skip_lost(self, sync_interval_s: float) -> dict[str, Ranges]:
        """Step over the numbers a power cut may have taken unseen; give them by source.

        They were numbered and perhaps published, and are in no record: to use them again would give two frames one
        number. As many are skipped as a source can make within the sync interval.
        """
        skipped = {}
        for name, source in self.sources.items():
            count = SKIP_UNPACED if source.rate_hz <= 0 else int(source.rate_hz * (sync_interval_s + SLACK_S)) + 1
            numbers = Ranges([(source.next_number, source.next_number + count - 1)])
            source.drop(numbers, MissingReason.SPOOL_TORN)
            skipped[name] = numbers
        return skipped


def write_state(state: JournalState) -> bytes:
    """Encode a whole state, as the first record of a segment holds it."""
    reasons = {reason for source in state.sources.values() for reason in source.dropped}
    note = Note(
        epoch=state.epoch,
        boot=state.boot,
        announced=state.announced,
        geometries=tuple(state.geometries.values()),
        rates={name: source.rate_hz for name, source in state.sources.items()},
        acked={name: source.acked for name, source in state.sources.items()},
        dropped={
            reason: {name: source.dropped[reason] for name, source in state.sources.items() if reason in source.dropped}
            for reason in sorted(reasons)
        },
        ended=state.ended,
        sealed=state.sealed,
    )
    sources = {name: [source.next_number, source.digest.hex()] for name, source in state.sources.items()}
    head = {"version": VERSION, "session": state.session, "sources": sources}
    return json.dumps(head).encode() + b"\n" + write_note(note)


def read_state(payload: bytes) -> JournalState:
    """Parse what `write_state` made."""
    head, _, note = payload.partition(b"\n")
    said = json.loads(head)
    state = JournalState(said["session"])
    state.add_note(read_note(note))
    for name, (next_number, digest) in said["sources"].items():
        source = state.source(name)
        source.next_number, source.digest = next_number, bytes.fromhex(digest)
    return state


def fold(state: JournalState, records: Iterable[tuple[Entry, bytes]]) -> JournalState:
    """Take records into a state; payloads of frames may be empty. A STATE record replaces it."""
    for entry, payload in records:
        match entry.kind:
            case Kind.STATE:
                state = read_state(payload)
            case Kind.NOTE:
                state.add_note(read_note(payload))
            case Kind.FRAME | Kind.FAILED:
                state.add_frame(entry)
    return state
