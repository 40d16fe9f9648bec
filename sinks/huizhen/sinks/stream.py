"""One source's frames between the topic and the archive: which wait, which go together into an instance, and when.

Takes frames in the order of their topic, gives effects, does nothing itself. A frame that is stored already, or held in
the same revision, changes nothing, so that a topic may be read again from anywhere. Exact frames wait in the range they
belong to; filled ones wait apart, until their exact revision comes or the session is sealed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from huizhen.schemas.ids import StreamId
from huizhen.schemas.ranges import Ranges, runs_of, union
from huizhen.schemas.reasons import Outcome, RejectReason
from huizhen.sinks.effects import Effect, Forget, WriteLedger
from huizhen.sinks.frames import Held
from huizhen.sinks.ledger import StreamLedger, entries_without_object
from huizhen.sinks.plan import DERIVED, EXACT, SUPPLEMENT
from huizhen.sinks.ranges import OpenRange, in_order, range_of

FILLED_MAX = 2_048  # filled frames that wait for their exact revision, a minute at 30 frames/s: each holds its offset

Closing = tuple[str, tuple[Held, ...]]
"""Kind of an instance and its frames"""


@dataclass(slots=True)
class StreamArchive:
    """The frames of one source that are not stored yet. Times are seconds of a monotonic clock."""

    stream: StreamId
    per_instance: Callable[[int], int]
    """Frames per instance of a geometry, by its id"""
    ledger: StreamLedger = field(default_factory=StreamLedger)
    open: dict[tuple[int, int], OpenRange] = field(default_factory=dict)
    """By geometry and first number of the range"""
    filled: dict[int, Held] = field(default_factory=dict)
    seen: int = 0
    """Highest frame number seen plus one"""
    refused: dict[int, RejectReason] = field(default_factory=dict)
    """Frames refused here; another revision may still be good, so they count only at the seal"""
    rejected: dict[int, str] = field(default_factory=dict)
    """Frames that the processors refused for good, with their reason, not yet in the ledger"""

    def take(self, frame: Held, exact: bool, now_s: float) -> tuple[list[Closing], list[Effect]]:
        """Take a frame; give the instances that are ready and what is to be forgotten."""
        self.seen = max(self.seen, frame.number + 1)
        if self.has(frame.number):
            return [], [Forget(frame.ref)]
        if not exact:
            return self._take_filled(frame)
        before = self.filled.pop(frame.number, None)
        self._range_for(frame).add(frame, now_s)
        return list(self._ready(frame.captured_at_ns)), [Forget(before.ref)] if before else []

    def _take_filled(self, frame: Held) -> tuple[list[Closing], list[Effect]]:
        before = self.filled.get(frame.number)
        if frame.number in self.ledger.derived or (before is not None and before.revision >= frame.revision):
            return [], [Forget(frame.ref)]
        self.filled[frame.number] = frame
        return self._too_many_filled(), [Forget(before.ref)] if before else []

    def _range_for(self, frame: Held) -> OpenRange:
        first, last = range_of(frame.number, self.per_instance(frame.geometry))
        key = (frame.geometry, first)
        if key not in self.open:
            self.open[key] = OpenRange(frame.geometry, (first, last))
        return self.open[key]

    def has(self, number: int) -> bool:
        """Say whether the exact frame is stored or held."""
        return number in self.ledger.stored or any(number in each.frames for each in self.open.values())

    def _ready(self, captured_at_ns: int) -> Iterator[Closing]:
        accounted = self.ledger.accounted()
        for key, each in list(self.open.items()):
            if each.is_full(accounted) or each.is_past(captured_at_ns):
                yield self._close(key)

    def _close(self, key: tuple[int, int]) -> Closing:
        closed = self.open.pop(key)
        late = self.ledger.stored.meets(*closed.run)
        return (SUPPLEMENT if late else EXACT), in_order(closed.frames.values())

    def reject(self, number: int, reason: str) -> None:
        """Note that the processors refused a frame for good; nothing where it is stored or held all the same."""
        self.seen = max(self.seen, number + 1)
        if not self.has(number) and number not in self.ledger.rejected:
            self.rejected[number] = reason

    def settle(self, at_ns: int) -> list[Effect]:
        """Give the ledger entries of the frames rejected since the last call: one per run and reason."""
        effects: list[Effect] = []
        for reason in sorted(set(self.rejected.values())):
            runs = runs_of(sorted(number for number, why in self.rejected.items() if why == reason))
            entries = entries_without_object(self.stream, [(run, reason) for run in runs], Outcome.REJECTED, at_ns)
            effects.append(WriteLedger(tuple(entries)))
        self.rejected.clear()
        return effects

    def still(self, now_s: float) -> list[Closing]:
        """Close the ranges for which nothing came any more."""
        return [self._close(key) for key, each in list(self.open.items()) if each.is_still(now_s)]

    def close_all(self) -> list[Closing]:
        """Close every range as it is: nothing more is to come."""
        return [self._close(key) for key in sorted(self.open)]

    def drop(self, partition: int) -> list[Held]:
        """Let go of the frames that came from a partition of the frames topic."""
        lost = [frame for frame in self.held() if frame.partition == partition]
        gone = {frame.number for frame in lost}
        for key, each in list(self.open.items()):
            each.frames = {number: frame for number, frame in each.frames.items() if number not in gone}
            if not each.frames:
                del self.open[key]
        self.filled = {number: frame for number, frame in self.filled.items() if number not in gone}
        return lost

    def close_largest(self) -> list[Closing]:
        """Close the range that takes most of this machine's disk; where only filled frames wait, give those."""
        if not self.open:
            return self.derive()
        key = max(self.open, key=lambda each: sum(frame.ref.size for frame in self.open[each].frames.values()))
        return [self._close(key)]

    def derive(self) -> list[Closing]:
        """Give the frames that were only ever filled, grouped as their exact ones would be; they wait no longer."""
        waiting, self.filled = self.filled, {}
        return self._grouped(waiting.values())

    def _too_many_filled(self) -> list[Closing]:
        if len(self.filled) <= FILLED_MAX:
            return []
        oldest = sorted(self.filled)[: FILLED_MAX // 2]
        return self._grouped(self.filled.pop(number) for number in oldest)

    def _grouped(self, frames: Iterable[Held]) -> list[Closing]:
        groups: dict[tuple[int, int], list[Held]] = {}
        for frame in frames:
            first, _ = range_of(frame.number, self.per_instance(frame.geometry))
            groups.setdefault((frame.geometry, first), []).append(frame)
        return [(DERIVED, in_order(each)) for each in groups.values()]

    def present(self) -> Ranges:
        """Give the frames that are stored, rejected or held exact."""
        found = union(self.ledger.accounted())
        for each in self.open.values():
            for number in each.frames:
                found.add(number)
        return found

    @property
    def lacks_refused(self) -> bool:
        """Say whether a frame that was refused here has not been stored since."""
        return any(number not in self.ledger.stored for number in self.refused)

    @property
    def lacks_rejected(self) -> bool:
        """Say whether a frame that the ledger has as rejected has not been stored."""
        return any(self.ledger.stored.gaps(first, last + 1) for first, last in self.ledger.rejected.pairs())

    def held(self) -> Iterator[Held]:
        """Give every frame that waits."""
        for each in self.open.values():
            yield from each.frames.values()
        yield from self.filled.values()

    @property
    def held_bytes(self) -> int:
        """Bytes that wait on this machine's disk."""
        return sum(frame.ref.size for frame in self.held())
