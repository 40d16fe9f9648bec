"""From closed frames to records, with the little memory of pictures that this needs. Used by one thread, no I/O.

An exact frame is not decoded: its tiles were stitched already. Of every shown frame a 1/8 picture is looked at. The
last exact codestream of each stream is remembered, and decoded when a damaged frame wants its detail.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from huizhen.processors.checks import NOTHING_SEEN, PictureChecks, Seen, Timing
from huizhen.processors.closed import Closed
from huizhen.processors.emission import checked_size, frame_record, origins_of, refused_record, verdict_record
from huizhen.processors.restore import ExactFrame, Made, restore
from huizhen.processors.sessions import Sessions
from huizhen.schemas.errors import Refused
from huizhen.schemas.events import SourceInfo
from huizhen.schemas.ids import StreamId
from huizhen.schemas.profile import Profile, Thresholds
from huizhen.schemas.reasons import Verdict
from huizhen.schemas.routing import Record

STREAMS_MAX = 64  # sources whose last exact frame is remembered; a worker serves fewer
DEFAULT_LIMITS = Thresholds()
ProfileKey = tuple[str, int]


@dataclass(slots=True)
class _Memory:
    exact: ExactFrame | None = None
    checks: PictureChecks = field(default_factory=PictureChecks)


@dataclass(frozen=True, slots=True)
class Finished:
    """A frame as it was judged in the end, and the records that say so."""

    closed: Closed
    made: Made
    seen: Seen
    records: tuple[Record, ...]
    unknown: ProfileKey | None = None
    """The source's profile where it is not here in that version: the picture was held to the default limits"""


@dataclass(slots=True)
class Studio:
    """Makes records of closed frames.

    `profiles`: by id and version, for the limits of the picture checks; `fill`: estimate lost detail, or leave it out.
    """

    sessions: Sessions
    profiles: Mapping[ProfileKey, Profile] = field(default_factory=dict)
    fill: Literal["detail", "zero"] = "detail"
    _memories: OrderedDict[StreamId, _Memory] = field(default_factory=OrderedDict)

    def finish(self, closed: Closed, at_ns: int, is_hurried: bool = False) -> Finished:
        """Give the records of a closed frame.

        `at_ns`: now, UTC nanoseconds since 1970; `is_hurried`: others wait, so lost detail is left out.
        """
        memory = self._memory(closed.head.frame.stream)
        source = self.sessions.source(closed.head.frame.stream)
        closed, made = self._make(closed, memory, is_hurried or self.fill == "zero")
        seen = self._look(closed, made, memory, source)
        records = [frame_record(closed, made, at_ns)] if made.stream else []
        records.append(verdict_record(closed, made, source, seen, at_ns))
        if closed.refusal is not None:
            records += [refused_record(record, closed.refusal, at_ns) for record in closed.records]
        key = (source.profile_id, source.profile_version) if source else None
        return Finished(closed, made, seen, tuple(records), key if key not in self.profiles else None)

    def _memory(self, stream: StreamId) -> _Memory:
        memory = self._memories.pop(stream, None) or _Memory()
        self._memories[stream] = memory
        if len(self._memories) > STREAMS_MAX:
            self._memories.popitem(last=False)
        return memory

    def _make(self, closed: Closed, memory: _Memory, is_plain: bool) -> tuple[Closed, Made]:
        """Give the picture of a frame; a frame that cannot be shown is judged anew."""
        if closed.verdict is Verdict.PASS:
            checked = checked_size(closed, closed.stream)
            self._remember(checked, memory)
            return checked, Made(checked.stream, origins_of(checked))
        if closed.verdict is not Verdict.REPAIRED or closed.header is None:
            return closed, Made()
        number = int(closed.head.frame.number)
        try:
            made = restore(number, closed.header, closed.tiles, memory.exact, is_plain)
        except Refused:  # coded by another encoder: such a frame is not shown, and comes by backfill
            return replace(closed, verdict=Verdict.INCOMPLETE), Made()
        checked = checked_size(closed, made.stream)
        return checked, made if checked is closed else Made()

    def _remember(self, closed: Closed, memory: _Memory) -> None:
        number = int(closed.head.frame.number)
        if closed.stream and closed.header and (memory.exact is None or memory.exact.number < number):
            memory.exact = ExactFrame(number, closed.header, closed.stream)

    def _look(self, closed: Closed, made: Made, memory: _Memory, source: SourceInfo | None) -> Seen:
        if not made.stream or closed.header is None:
            return NOTHING_SEEN
        clock = closed.head.clock
        rate = source.expected_rate_hz if source else 0.0
        timing = Timing(int(closed.head.frame.number), clock.captured_at_ns, clock.monotonic_ns, rate)
        return memory.checks.look(made.stream, closed.header, timing, self._limits(source))

    def _limits(self, source: SourceInfo | None) -> Thresholds:
        """Give the limits of the source's profile, where that version of it is here; the defaults otherwise."""
        profile = self.profiles.get((source.profile_id, source.profile_version)) if source else None
        return profile.thresholds if profile else DEFAULT_LIMITS
