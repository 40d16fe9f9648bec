"""From closed frames to records, with the little memory of pictures that this needs. Used by one thread, no I/O.

An exact frame is not decoded: its tiles were stitched already. Of every shown frame a 1/8 picture is looked at. The
last exact codestream of each stream is remembered, and decoded when a damaged frame wants its detail.
"""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Literal

from huizhen.processors.closed import Closed
from huizhen.processors.emission import (
    NOTHING_SEEN,
    Seen,
    checked_size,
    frame_record,
    origins_of,
    verdict_record,
)
from huizhen.processors.rejects import rejected
from huizhen.processors.restore import ExactFrame, restore
from huizhen.processors.sessions import Sessions
from huizhen.schemas.errors import Refused
from huizhen.schemas.ids import StreamId
from huizhen.schemas.reasons import Verdict
from huizhen.schemas.record import TileOrigin
from huizhen.schemas.routing import Record

STREAMS_MAX = 64  # sources whose last exact frame is remembered; a worker serves fewer


@dataclass(slots=True)
class _Memory:
    exact: ExactFrame | None = None


@dataclass(slots=True)
class Studio:
    """Makes records of closed frames; `fill`: whether detail is taken from the last exact frame."""

    sessions: Sessions
    fill: Literal["detail", "zero"] = "detail"
    _memories: OrderedDict[StreamId, _Memory] = field(default_factory=OrderedDict)

    def make(self, closed: Closed, at_ns: int) -> tuple[Closed, list[Record]]:
        """Give the records of a closed frame, and the frame as it was judged in the end."""
        memory = self._memory(closed.head.frame.stream)
        closed, stream, origins = self._picture(closed, memory)
        source = self.sessions.source(closed.head.frame.stream)
        records = [frame_record(closed, stream, origins, at_ns)] if stream else []
        seen = self._look(closed, stream, memory) if stream else NOTHING_SEEN
        records.append(verdict_record(closed, origins, len(stream), source, seen, at_ns))
        if closed.refusal is not None:
            records += [rejected(record, closed.refusal, at_ns) for record in closed.records]
        return closed, records

    def _memory(self, stream: StreamId) -> _Memory:
        memory = self._memories.pop(stream, None) or _Memory()
        self._memories[stream] = memory
        if len(self._memories) > STREAMS_MAX:
            self._memories.popitem(last=False)
        return memory

    def _picture(self, closed: Closed, memory: _Memory) -> tuple[Closed, bytes, tuple[TileOrigin, ...]]:
        if closed.verdict is Verdict.PASS:
            checked = checked_size(closed, closed.stream)
            self._remember(checked, memory)
            return checked, checked.stream, origins_of(closed)
        if closed.verdict is not Verdict.REPAIRED or closed.header is None:
            return closed, b"", ()
        previous = memory.exact if self.fill == "detail" else None
        try:
            made = restore(int(closed.head.frame.number), closed.header, closed.tiles, previous)
        except Refused:  # coded by another encoder: such a frame is not shown, and comes by backfill
            return replace(closed, verdict=Verdict.INCOMPLETE), b"", ()
        checked = checked_size(closed, made.stream)
        return checked, made.stream if checked is closed else b"", made.origins

    def _remember(self, closed: Closed, memory: _Memory) -> None:
        number = int(closed.head.frame.number)
        if closed.stream and closed.header and (memory.exact is None or memory.exact.number < number):
            memory.exact = ExactFrame(number, closed.header, closed.stream)

    def _look(self, closed: Closed, stream: bytes, memory: _Memory) -> Seen:
        return NOTHING_SEEN
