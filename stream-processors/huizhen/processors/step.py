"""One pure step: a record goes in, closed frames and refusals come out. No clock, no Kafka, no pixels.

The agent (`agent.py`) calls it for every record and does what it says. Windows belong to a partition: when the
partition is taken away, or read again, its windows are forgotten with it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from huizhen.processors.acks import Hold
from huizhen.processors.arrival import Arrived, Packet
from huizhen.processors.assemble import Window
from huizhen.processors.closed import Closed
from huizhen.processors.sessions import Sessions
from huizhen.processors.validate import is_announced, read_meta, read_packet
from huizhen.schemas.errors import BadInput
from huizhen.schemas.ids import StreamId
from huizhen.schemas.record import FrameHead

Partition = tuple[str, int]
"""Topic and number"""
IsRead = Callable[[Partition], bool]
"""Says whether a partition is read to its end: only then is a source that sent nothing silent"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that goes to `rejected`; `hold` owes one delivery for it."""

    record: Arrived
    error: BadInput
    hold: Hold
    head: FrameHead | None = None
    """What its headers say of the frame, where they could be read"""


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from a record: `hold` decides when the record may be acknowledged."""

    hold: Hold
    closed: tuple[Closed, ...] = ()
    refusal: Refusal | None = None


@dataclass(slots=True)
class _Live:
    window: Window
    place: Partition
    last_at_s: float


@dataclass(slots=True)
class Assembler:
    """The windows of all sources that send now."""

    sessions: Sessions
    _live: dict[StreamId, _Live] = field(default_factory=dict)

    def take(self, record: Arrived, now_s: float, caught_up: bool) -> Step | None:
        """Take a record; None: its session is not known yet and the `sessions` topics must be read to their end first.

        `now_s`: monotonic seconds; `caught_up`: whether the topics were read to their end after the record had come.
        """
        head: FrameHead | None = None
        try:
            meta = read_meta(record)
            head = meta.head
            if not caught_up and not is_announced(meta, self.sessions):
                return None
            packet = read_packet(record, meta, self.sessions)
            hold, closed = self._window(packet, now_s).take(packet)
        except BadInput as error:
            hold = Hold(owed=1)
            return Step(hold, refusal=Refusal(record, error, hold, head))
        return Step(hold, tuple(closed))

    def _window(self, packet: Packet, now_s: float) -> Window:
        stream = packet.meta.head.frame.stream
        live = self._live.get(stream)
        if packet.is_backfill:
            return live.window if live else Window()
        if live is None:
            live = self._live[stream] = _Live(Window(), (packet.record.topic, packet.record.partition), now_s)
        live.last_at_s = now_s
        return live.window

    def close_silent(self, before_s: float, is_read: IsRead) -> list[Closed]:
        """Close the open frames of sources that sent nothing since `before_s` (monotonic seconds)."""
        return [
            closed
            for live in self._live.values()
            if live.window.open and live.last_at_s <= before_s and is_read(live.place)
            for closed in live.window.close_open()
        ]

    def release_silent(self, before_s: float, sealed_before_s: float, is_read: IsRead) -> list[Closed]:
        """Let go the sources that sent nothing since `before_s`, sealed ones since `sealed_before_s`.

        A source that speaks again begins with a key frame: stations send one after every gap of a second.
        """
        closed: list[Closed] = []
        for stream, live in list(self._live.items()):
            edge = sealed_before_s if self.sessions.is_sealed(stream) else before_s
            if live.last_at_s <= edge and is_read(live.place):
                closed += live.window.close_open()
                live.window.release()
                del self._live[stream]
        return closed

    def forget(self, topic: str, partition: int) -> None:
        """Drop the windows of a partition that is read again, here or elsewhere."""
        self._live = {stream: live for stream, live in self._live.items() if live.place != (topic, partition)}

    @property
    def sources(self) -> int:
        """How many sources have an open window."""
        return len(self._live)
