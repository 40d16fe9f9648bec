"""The archive's Kafka shell: reads frames, verdicts and station rejections, carries out effects, then commits.

Order per record: decide, write the object, write the ledger, let the bytes go, and only then may its offset be
committed; what still waits holds its offset back. Where S3, Kafka or the disk does not serve, the partitions are paused
and polling goes on, so that the group sees a living member; nothing is dropped and nothing is restarted.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

import structlog

from huizhen.schemas.errors import BadInput, Refused, Unavailable
from huizhen.schemas.events import FrameVerdict, GeometryDeclared, LedgerEntry
from huizhen.schemas.ids import TenantId
from huizhen.schemas.kafka_io import Dead, EventReader, Handler, Place
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.record import FrameMeta, read_frame_headers, read_packet_headers
from huizhen.schemas.rejected import Origin, Original, read_rejected, to_rejected
from huizhen.schemas.routing import check_place, read_event, to_record
from huizhen.schemas.settings import Settings, kafka_client_config
from huizhen.schemas.topics import Topic, kind_of, name_of, tenant_of
from huizhen.sinks import metrics
from huizhen.sinks.archive import Archive
from huizhen.sinks.consumer_io import GroupReader, Hooks, Stopped, Taken
from huizhen.sinks.dead_io import DeadEvents
from huizhen.sinks.effects import Effect, StoreInstance
from huizhen.sinks.frames import check, held
from huizhen.sinks.log_io import KafkaLog
from huizhen.sinks.owner import owner_of
from huizhen.sinks.session import Now
from huizhen.sinks.spool_io import FolderSpool
from huizhen.sinks.watch_io import Standing
from huizhen.sinks.writer import Writer

log = structlog.get_logger()
FRAMES, VERDICTS = name_of(Topic.FRAMES), name_of(Topic.VERDICTS)
TICK_S = 0.25
COMMIT_S = 1.0  # at most a second of records is read again after a crash
CATCH_UP_S = 30.0
BEHIND_RETRY_S = 1.0
ALIVE_S = 60.0  # a loop that took no turn for so long is stuck: the longest turn is one upload


class ArchiveShell:
    """Runs the archive on one worker until `stop`; making it raises Unavailable where Kafka does not answer."""

    def __init__(
        self, settings: Settings, writer: Writer, kafka_log: KafkaLog, spool: FolderSpool, stop: threading.Event
    ) -> None:
        self._writer = writer
        self._log = kafka_log
        self._spool = spool
        self._stop = stop
        self._archive = Archive(settings.archive)
        self._inbox: SimpleQueue[tuple[Any, Place] | tuple[BadInput, Original]] = SimpleQueue()
        self._tenants = frozenset(map(TenantId, settings.processor.tenants))
        topics = [name_of(Topic.SESSIONS, each) for each in sorted(self._tenants)]
        topics.append(name_of(Topic.LEDGER))
        rejected = [name_of(Topic.REJECTED, each) for each in sorted(self._tenants)]
        config = kafka_client_config(settings.kafka)
        take: Handler = lambda event, place: self._inbox.put((event, place))  # noqa: E731
        dead: Dead = lambda error, original: self._inbox.put((error, original))  # noqa: E731
        self._events = EventReader(config, topics, take, refused=_count_refused, dead=dead)
        try:
            self._reader = GroupReader(settings, [FRAMES, VERDICTS, *rejected], (FRAMES, VERDICTS), stop)
        except Unavailable:
            self._events.close()
            raise
        self._dead = DeadEvents(settings.kafka, settings.archive.group, self._tenants, kafka_log, time.time_ns)
        self._undone: deque[Effect] = deque()
        self._dead_events: deque[tuple[BadInput, Original]] = deque()
        self._ticked_s = self._committed_s = 0.0

    def run(self) -> None:
        """Read until told to stop."""
        self._events.start()
        try:
            self._catch_up()
            self._reader.subscribe(Hooks(self._catch_up, self._lose, self._waiting))
            while not self._stop.is_set():
                self._turn()
        except Stopped:
            log.info("stopped_while_waiting")
        finally:
            self._events.close()
            self._reader.close()
            self._dead.close()
            self._log.close()

    @property
    def standing(self) -> Standing:
        """Say how far it has read; from any thread."""
        return self._reader.standing

    @property
    def health(self) -> str:
        """Say "ok", or what is wrong; waiting for S3, Kafka or the disk is declared, and well."""
        quiet_s = time.monotonic() - self._reader.turned_s
        return "ok" if quiet_s < ALIVE_S else f"no turn of the loop for {quiet_s:.0f} s"

    def _turn(self) -> None:
        self._take_events()
        self._keep_dead_events()
        for record in self._reader.read():
            self._take(record)
        self._do(self._archive.settle(_now()))
        if time.monotonic() >= self._ticked_s + TICK_S:
            self._ticked_s = time.monotonic()
            self._tick()
        if time.monotonic() >= self._committed_s + COMMIT_S:
            self._committed_s = time.monotonic()
            self._reader.commit()

    def _tick(self) -> None:
        self._reader.see_ends()
        if self._reader.partitions.is_read_to_end(FRAMES):
            metrics.LAG.set(0)
        self._do(self._archive.tick(_now(), lambda session: self._reader.partitions.reading(session, time.time())))
        frames = list(self._archive.held())
        metrics.HELD_FRAMES.set(len(frames))
        metrics.HELD_BYTES.set(sum(frame.ref.size for frame in frames))
        metrics.SESSIONS.set(self._archive.open_sessions)

    def _take(self, record: Taken) -> None:
        try:
            if record.topic == FRAMES:
                self._take_frame(record)
            elif record.topic == VERDICTS:
                self._take_verdict(record)
            else:
                self._take_rejection(record)
        except BadInput as error:
            self._refuse(record, error)
        self._reader.partitions.read((record.topic, record.partition), record.offset, record.stamped_s)

    def _take_frame(self, record: Taken) -> None:
        metrics.LAG.set(max(0.0, time.time() - record.stamped_s))
        meta = read_frame_headers(record.headers)
        try:
            check(meta, record.value, self._geometry(meta))
        except BadInput as error:
            self._archive.refused(meta.head, error, _now())
            raise
        if self._archive.wants(meta, _now()):
            ref = self._reader.until_served(lambda: self._spool.put(record.value))
            frame = held(meta, record.value, ref, (record.partition, record.offset))
            self._do(self._archive.frame(meta, frame, _now()))

    def _geometry(self, meta: FrameMeta) -> GeometryDeclared:
        """Give a frame's geometry; the sessions topic may be a moment behind the frames, so it is read up first."""
        try:
            return self._archive.geometry(meta.head)
        except BadInput:
            self._catch_up()
            return self._archive.geometry(meta.head)

    def _take_verdict(self, record: Taken) -> None:
        event = read_event(record.headers, record.value)
        check_place(event, record.topic)
        if isinstance(event, FrameVerdict):
            self._archive.verdict(event, _now())

    def _take_rejection(self, record: Taken) -> None:
        try:
            rejection = read_rejected(record.headers)
            if not rejection.is_whole_frame:
                return
            head = read_packet_headers(rejection.original).head
            _check_owner(head.frame.stream.tenant, record.topic)
        except BadInput as error:  # it stands on `rejected` already
            log.warning("rejection_refused", topic=record.topic, offset=record.offset, error=str(error))
            _count_refused(kind_of(record.topic))
            return
        place = (record.topic, record.partition, record.offset)
        self._do(self._archive.reject_at_station(head, rejection.reason, place, _now()))

    def _refuse(self, record: Taken, error: BadInput) -> None:
        log.warning("refused", topic=record.topic, offset=record.offset, reason=error.reason, error=str(error))
        metrics.REFUSED.labels(error.reason).inc()
        origin = Origin(record.topic, record.partition, record.offset)
        original = Original(record.value, record.headers, record.key, origin)
        kept = to_rejected(error, original, time.time_ns(), owner_of(record.headers, self._tenants))
        self._reader.until_served(lambda: self._log.send([kept]))

    def _catch_up(self) -> None:
        """Read the sessions and ledger topics to where they end now."""
        with self._reader.busy():
            read_up(self._events.catch_up, self._stop.wait)
        self._take_events()

    def _take_events(self) -> None:
        while True:
            try:
                what, at = self._inbox.get_nowait()
            except Empty:
                return
            if isinstance(at, Original):
                self._dead_events.append((what, at))
                continue
            try:
                self._take_event(what, at)
            except BadInput as error:
                log.warning("event_refused", topic=at.topic, offset=at.offset, error=str(error))
                _count_refused(kind_of(at.topic))
                record = to_record(what, f"{at.topic}/{at.partition}/{at.offset}", at.timestamp_ms * 10**6)
                origin = Origin(at.topic, at.partition, at.offset)
                original = Original(record.value or b"", record.headers, record.key.encode(), origin)
                self._dead_events.append((error, original))

    def _keep_dead_events(self) -> None:
        """Keep refused events; not where they are read, which may be in the middle of a rebalance."""
        while self._dead_events:
            error, original = self._dead_events[0]
            if self._reader.until_served(partial(self._dead.keep, error, original)):
                metrics.REFUSED.labels(error.reason).inc()
            self._dead_events.popleft()

    def _take_event(self, event: Any, place: Place) -> None:
        if event is not None:
            self._archive.event(event, _now())
            return
        tenant, (session, _, kind) = tenant_of(place.topic), place.key.partition("|")
        if tenant is not None and kind == "announced":
            self._archive.erased(tenant, session)

    def _do(self, effects: Iterable[Effect]) -> None:
        todo = list(effects)
        self._undone += todo
        for effect in todo:
            for entry in self._reader.until_served(partial(self._perform, effect)):
                self._archive.event(entry, _now())
            self._undone.popleft()

    def _perform(self, effect: Effect) -> list[LedgerEntry]:
        if isinstance(effect, StoreInstance) and not self._is_ours(effect):
            return []  # the partition went to another worker while we waited: it stores the frames
        return self._writer.perform(effect)

    def _is_ours(self, effect: StoreInstance) -> bool:
        return all((FRAMES, frame.partition) in self._reader.partitions.next for frame in effect.plan.frames)

    def _lose(self, place: tuple[str, int]) -> None:
        topic, partition = place
        if topic == FRAMES:
            for effect in self._archive.lose(partition):
                self._writer.perform(effect)

    def _waiting(self) -> Iterator[tuple[tuple[str, int], int]]:
        """Give the offsets of frames that are not stored: those that are held, and those of effects not done yet."""
        for frame in self._archive.held():
            yield (FRAMES, frame.partition), frame.offset
        for effect in self._undone:
            if isinstance(effect, StoreInstance):
                yield from (((FRAMES, frame.partition), frame.offset) for frame in effect.plan.frames)


def read_up(catch_up: Callable[[float], bool], wait: Callable[[float], bool]) -> None:
    """Read events to where they end now, however long that takes; raises Stopped when told to end.

    `catch_up` gives up at once where the broker does not answer: so there is a pause between tries.
    """
    while not catch_up(CATCH_UP_S):
        log.warning("events_behind", retry_after_s=BEHIND_RETRY_S)
        if wait(BEHIND_RETRY_S):
            raise Stopped


def _check_owner(tenant: TenantId, topic: str) -> None:
    """Refuse what a station says of another institution's frames; raises Refused."""
    if tenant != tenant_of(topic):
        raise Refused(RejectReason.WRONG_TENANT, f"a frame of {tenant} on the topic of another institution")


def _count_refused(topic: str) -> None:
    metrics.EVENTS_REFUSED.labels(topic).inc()


def _now() -> Now:
    return Now(time.monotonic(), time.time_ns())
