"""The body of the Faust agents. A record ends in one of four ways, and none of them is an exception.

1. *Stored*: what follows from it is delivered, then it may be acknowledged.
2. *Dead-lettered*: its bytes are delivered to `rejected`, then it may be acknowledged.
3. *Held*: something is not available; it is waited for here, and the record is not acknowledged meanwhile.
4. *Bug*: the process leaves at once, without unwinding, because Faust acknowledges a record whose agent raises.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from huizhen.processors import metrics
from huizhen.processors.acks import Hold, PartitionAcks
from huizhen.processors.arrival import Arrived
from huizhen.processors.closed import Closed
from huizhen.processors.emission import behind_records, refusal_records
from huizhen.processors.lane import Lane
from huizhen.processors.mailbox import Mailbox
from huizhen.processors.outbox import Outbox
from huizhen.processors.pressure import Pressure
from huizhen.processors.step import Assembler, Partition, Refusal
from huizhen.processors.studio import ProfileKey, Studio
from huizhen.schemas.errors import Bug, shown
from huizhen.schemas.routing import Record
from huizhen.schemas.threads_io import Leave, leave

log = structlog.get_logger()
CATCH_UP_RETRY_S = 0.5  # between tries to read the `sessions` topics to their end
HURRY_JOBS = 8  # frames that wait for the lane: above, damaged ones are filled plainly until it has caught up
UNKNOWN_MAX = 64  # profiles named in the log: a site has fewer, and a station may announce any
GIVE_WAY_S = 1.0  # the longest that a late frame waits for live ones
GIVE_WAY_STEP_S = 0.005
GIVE_WAY_JOBS = 2  # frames before a live one in the lane, so that it waits a few milliseconds


class Message(Protocol):
    """What the agent wants of a Faust message."""

    topic: str
    partition: int
    offset: int
    timestamp: float
    key: bytes | None
    value: bytes | None
    headers: Any

    def ack(self, consumer: Any) -> bool:
        """Mark the offset as safe to commit."""
        ...


def arrived(message: Message) -> Arrived:
    """Take a Faust message as a value."""
    headers = message.headers
    pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
    return Arrived(
        message.topic,
        message.partition,
        message.offset,
        int((message.timestamp or 0) * 1000),
        message.key or b"",
        tuple(pairs),
        message.value or b"",
    )


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where the time comes from."""

    now_s: Callable[[], float] = time.monotonic
    now_ns: Callable[[], int] = time.time_ns
    """UTC, nanoseconds since 1970"""


@dataclass(slots=True)
class Agent:
    """Does what a step says, and acknowledges in source order. Lives on the event loop's thread."""

    assembler: Assembler
    studio: Studio
    mailbox: Mailbox
    lane: Lane
    outbox: Outbox
    catch_up: Callable[[], Awaitable[bool]]
    """Reads the `sessions` topics to their present end; says whether it could"""
    acknowledge: Callable[[Message], object]
    generation: Callable[[], int]
    """Changes when partitions are taken away or given back"""
    end_of: Callable[[Partition], int]
    """Gives the offset after the newest record of a partition, as the last fetch said"""
    live_waits: Callable[[], bool] = lambda: False
    """Says whether live records were fetched and not taken yet"""
    tell: Callable[[Record], None] = lambda record: None
    """Sends a record that may be lost"""
    leave: Leave = leave
    clocks: Clocks = field(default_factory=Clocks)
    taken: int = 0
    """Records taken so far: the watchdog wants to see it move"""
    is_stopping: bool = False
    """Whether records are passed by, unacknowledged: the next worker reads them again"""
    is_waiting: bool = False
    """Whether a record is held because the `sessions` topics cannot be read"""
    _acks: dict[Partition, PartitionAcks[Message]] = field(default_factory=dict)
    _pressure: Pressure = field(default_factory=Pressure)
    _said_unknown: set[ProfileKey] = field(default_factory=set)

    async def take(self, message: Message) -> None:
        """Take one record to one of its four ends; raises nothing but CancelledError."""
        if self.is_stopping:
            return
        try:
            await self._take(message)
        except Exception as error:  # noqa: BLE001 - the outermost loop of the shell: a bug, leave
            self.leave(error)

    async def take_late(self, message: Message) -> None:
        """Take a record of backfill: live ones go first, but for a second at most, so that backfill goes on too."""
        until_s = self.clocks.now_s() + GIVE_WAY_S
        while (self.live_waits() or self.lane.jobs > GIVE_WAY_JOBS) and self.clocks.now_s() < until_s:  # noqa: ASYNC110 - three conditions
            await asyncio.sleep(GIVE_WAY_STEP_S)
        await self.take(message)

    async def _take(self, message: Message) -> None:
        place = message.topic, message.partition
        if place in self._acks and self._acks[place].is_rewound(message.offset):
            self.forget(place)
        record = arrived(message)
        step = self.assembler.take(record, self.clocks.now_s(), caught_up=False)
        if step is None:
            generation = self.generation()
            await self._read_sessions()
            if self.generation() != generation:
                return  # taken away while we waited: it will be read again
            step = self.assembler.take(record, self.clocks.now_s(), caught_up=True)
        if step is None:
            raise Bug("a session is neither known nor unknown after its topics were read")
        self.taken += 1
        metrics.LAG.set(max(0.0, self.clocks.now_ns() / 1e9 - message.timestamp))
        message.value = message.headers = None  # a held acknowledgement needs the place only
        self._acks.setdefault(place, PartitionAcks()).arrived(message.offset, step.hold, message)
        if step.refusal is not None:
            await self._refuse(step.refusal)
        await self.emit(step.closed)
        self.acknowledge_free()
        self._feel(place, message.offset, step.closed)

    def _feel(self, place: Partition, offset: int, closed: Iterable[Closed]) -> None:
        """Tell the stations of a partition that is behind to send fewer frames live."""
        for one in closed:
            if not one.is_backfilled:
                self._pressure.saw(place, one.head.frame.stream, one.head.station)
        told = self._pressure.took(place, offset, self.end_of(place), self.clocks.now_s())
        if told is not None:
            metrics.EASED.inc(len(told.streams))
            for record in behind_records(told, self.clocks.now_ns()):
                self.tell(record)

    async def _read_sessions(self) -> None:
        while not await self.catch_up():
            self.is_waiting = True
            await asyncio.sleep(CATCH_UP_RETRY_S)
        self.is_waiting = False

    async def _refuse(self, refusal: Refusal) -> None:
        place = {name: getattr(refusal.record, name) for name in ("topic", "partition", "offset")}
        log.warning("rejected", **place, reason=str(refusal.error.reason), error=str(refusal.error))
        metrics.REFUSED.labels(str(refusal.error.reason)).inc()
        records = refusal_records(refusal, self.clocks.now_ns())
        done = self._payer(refusal.hold)
        await self.lane.submit(lambda: self.outbox.send(records, done), len(refusal.record.value))

    async def emit(self, closed: Iterable[Closed]) -> None:
        """Hand closed frames to the lane, in order."""
        for one in closed:
            size = len(one.stream) or sum(len(part) for tile in one.tiles.values() for part in tile.parts)
            await self.lane.submit(self._finisher(one), size)

    def _finisher(self, closed: Closed) -> Callable[[], None]:
        done = self._payer(closed.hold)

        def finish() -> None:
            began_s, began_ns = self.clocks.now_s(), self.clocks.now_ns()
            finished = self.studio.finish(closed, began_ns, is_hurried=self.lane.jobs > HURRY_JOBS)
            metrics.observe(finished, self.clocks.now_s() - began_s, began_ns)
            self._say_unknown(finished.unknown)
            self.outbox.send(finished.records, done)

        return finish

    def _say_unknown(self, profile: ProfileKey | None) -> None:
        """Log a profile that is not here, once."""
        if profile is None or profile in self._said_unknown or len(self._said_unknown) >= UNKNOWN_MAX:
            return
        self._said_unknown.add(profile)
        log.warning("unknown_profile", profile=shown(profile[0]), version=profile[1], limits="default")

    def _payer(self, hold: Hold) -> Callable[[], None]:
        """Give what pays a hold, from any thread; what is free by it is acknowledged after the mailbox's batch."""
        return lambda: self.mailbox.post(hold.pay)

    def acknowledge_free(self) -> None:
        """Acknowledge what may be, in source order."""
        for acks in self._acks.values():
            for message in acks.freed():
                self.acknowledge(message)

    async def look_for_silence(
        self, close_after_s: float, release_after_s: float, known_until_s: float = math.inf
    ) -> None:
        """Close the open frames of silent sources; let go, after longer, what they hold back.

        `known_until_s`: what came later may stand on the topics unseen, since the broker did not answer. Such frames
        lean on the window that would be let go: a new one passes over what comes before a key frame.
        """
        now_s = self.clocks.now_s()
        closed = self.assembler.close_silent(now_s - close_after_s, self._is_read)
        known_s = min(now_s, known_until_s)
        closed += self.assembler.release_silent(known_s - release_after_s, known_s - close_after_s, self._is_read)
        await self.emit(closed)
        self.acknowledge_free()

    def _is_read(self, place: Partition) -> bool:
        return place in self._acks and self._acks[place].newest + 1 >= self.end_of(place)

    def forget(self, place: Partition) -> None:
        """Drop all that is known of a partition: it is read again, here or elsewhere."""
        self.assembler.forget(*place)
        self._pressure.forget(place)
        self._acks.pop(place, None)

    @property
    def held(self) -> int:
        """Records that are not acknowledged yet."""
        return sum(len(acks) for acks in self._acks.values())
