"""The archive's Kafka shell: reads frames, verdicts and station rejections, carries out effects, then commits.

Order per record: decide, write the object, write the ledger, let the bytes go, and only then may its offset be
committed; what still waits holds its offset back. Where S3, Kafka or the disk does not serve, the partitions are paused
and polling goes on, so that the group sees a living member; nothing is dropped and nothing is restarted.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import structlog
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from huizhen.schemas.errors import BadInput, Unavailable
from huizhen.schemas.events import FrameVerdict, GeometryDeclared, LedgerEntry
from huizhen.schemas.ids import TenantId
from huizhen.schemas.kafka_io import EventReader, Place
from huizhen.schemas.record import FrameMeta, read_frame_headers, read_packet_headers
from huizhen.schemas.rejected import Origin, Original, read_rejected, to_rejected
from huizhen.schemas.routing import read_event
from huizhen.schemas.settings import Settings, kafka_client_config
from huizhen.schemas.topics import Topic, name_of, tenant_of
from huizhen.sinks import metrics
from huizhen.sinks.archive import Archive
from huizhen.sinks.consumer_io import make_consumer, partitions_of, starts_of
from huizhen.sinks.effects import Effect, StoreInstance
from huizhen.sinks.frames import check, held
from huizhen.sinks.log_io import KafkaLog
from huizhen.sinks.partitions import Partitions
from huizhen.sinks.session import Now
from huizhen.sinks.spool_io import FolderSpool
from huizhen.sinks.writer import Writer

log = structlog.get_logger()
T = TypeVar("T")
FRAMES, VERDICTS, REJECTED = (name_of(each) for each in (Topic.FRAMES, Topic.VERDICTS, Topic.REJECTED))
POLL_S = 0.1  # bounds how late a tick or the end comes, not how late a record does
BATCH = 32  # records per round; with the client's queue they bound what is in memory
TICK_S = 0.25
COMMIT_S = 1.0  # at most a second of records is read again after a crash
CATCH_UP_S = 30.0
WAIT_MAX_S = 10.0  # longest pause between two tries while something does not serve
ALIVE_S = 60.0  # a loop that took no turn for so long is stuck: the longest turn is one upload


class Stopped(Exception):
    """The part was told to end while it waited."""


class ArchiveShell:
    """Runs the archive on one worker until told to stop."""

    def __init__(
        self, settings: Settings, writer: Writer, kafka_log: KafkaLog, spool: FolderSpool, stop: threading.Event
    ) -> None:
        self._writer = writer
        self._log = kafka_log
        self._spool = spool
        self._stop = stop
        self._inbox: SimpleQueue[tuple[Any, Place]] = SimpleQueue()
        self._archive = Archive(settings.archive)
        tenants = [TenantId(each) for each in settings.processor.tenants]
        topics = [*(name_of(Topic.SESSIONS, each) for each in tenants), name_of(Topic.LEDGER)]
        self._events = EventReader(
            kafka_client_config(settings.kafka), topics, lambda event, place: self._inbox.put((event, place))
        )
        self._consumer: Consumer = make_consumer(settings)
        self._partitions = Partitions((FRAMES, VERDICTS), partitions_of(self._consumer, FRAMES))
        self._waiting = False
        self._undone: deque[Effect] = deque()
        self._turned_s = time.monotonic()
        self._ticked_s = self._committed_s = 0.0
        self._committed: dict[tuple[str, int], int] = {}

    # The loop

    def run(self) -> None:
        """Read until told to stop."""
        self._events.start()
        try:
            self._catch_up()
            self._consumer.subscribe(
                [FRAMES, VERDICTS, REJECTED], on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost
            )
            while not self._stop.is_set():
                self._turn()
        except Stopped:
            pass
        finally:
            self._events.close()
            self._close()

    def _turn(self) -> None:
        self._turned_s = time.monotonic()
        self._take_events()
        for message in self._consumer.consume(BATCH, POLL_S):
            self._take(message)
        self._do(self._archive.settle(_now()))
        if time.monotonic() >= self._ticked_s + TICK_S:
            self._tick()
        if time.monotonic() >= self._committed_s + COMMIT_S:
            self._commit()

    def _tick(self) -> None:
        self._ticked_s = time.monotonic()
        for topic, partition in list(self._partitions.next):
            low, high = self._consumer.get_watermark_offsets(TopicPartition(topic, partition), cached=True)
            self._partitions.ends[topic, partition] = (low, high)
        self._do(self._archive.tick(_now(), lambda session: self._partitions.reading(session, time.time())))
        frames = list(self._archive.held())
        metrics.HELD_FRAMES.set(len(frames))
        metrics.HELD_BYTES.set(sum(frame.ref.size for frame in frames))
        metrics.SESSIONS.set(self._archive.open_sessions)

    @property
    def health(self) -> str:
        """Say "ok", or what is wrong; waiting for S3, Kafka or the disk is declared, and well."""
        quiet_s = time.monotonic() - self._turned_s
        return "ok" if quiet_s < ALIVE_S else f"no turn of the loop for {quiet_s:.0f} s"

    # Records

    def _take(self, message: Message) -> None:
        if message.error() is not None:
            log.warning("consumer_error", code=message.error().name())
            return
        try:
            self._dispatch(message)
        except BadInput as error:
            self._refuse(message, error)
        stamped_s = message.timestamp()[1] / 1000
        self._partitions.read((message.topic(), message.partition()), message.offset(), stamped_s)
        if message.topic() == FRAMES:
            metrics.LAG.set(max(0.0, time.time() - stamped_s))

    def _dispatch(self, message: Message) -> None:
        if message.topic() == FRAMES:
            self._take_frame(message)
        elif message.topic() == VERDICTS:
            event = read_event(message.headers(), message.value())
            if isinstance(event, FrameVerdict):
                self._archive.verdict(event, _now())
        else:
            self._take_rejection(message)

    def _take_frame(self, message: Message) -> None:
        meta = read_frame_headers(message.headers())
        value = message.value() or b""
        geometry = self._geometry(meta)
        try:
            check(meta, value, geometry)
        except BadInput as error:
            self._archive.refused(meta.head, error, _now())
            raise
        if self._archive.wants(meta, _now()):
            ref = self._until_served(lambda: self._spool.put(value))
            frame = held(meta, value, ref, (message.partition(), message.offset()))
            self._do(self._archive.frame(meta, frame, _now()))

    def _geometry(self, meta: FrameMeta) -> GeometryDeclared:
        """Give a frame's geometry; the sessions topic may be a moment behind the frames, so it is read up first."""
        try:
            return self._archive.geometry(meta.head)
        except BadInput:
            self._catch_up()
            return self._archive.geometry(meta.head)

    def _take_rejection(self, message: Message) -> None:
        try:
            rejection = read_rejected(message.headers())
            if not rejection.is_whole_frame:
                return
            head = read_packet_headers(rejection.original).head
        except BadInput as error:
            log.warning("rejection_unreadable", offset=message.offset(), error=str(error))
            return
        place = (message.topic(), message.partition(), message.offset())
        self._do(self._archive.reject_at_station(head, rejection.reason, place, _now()))

    def _refuse(self, message: Message, error: BadInput) -> None:
        log.warning("refused", topic=message.topic(), offset=message.offset(), reason=error.reason, error=str(error))
        metrics.REFUSED.labels(error.reason).inc()
        origin = Origin(message.topic(), message.partition(), message.offset())
        key = (message.key() or b"").decode("utf-8", "replace")
        original = Original(message.value() or b"", message.headers(), key, origin)
        record = to_rejected(error, original, time.time_ns())
        self._until_served(lambda: self._log.send([record]))

    # Events of the sessions and ledger topics

    def _catch_up(self) -> None:
        while not self._events.catch_up(CATCH_UP_S):
            log.warning("events_behind", waited_s=CATCH_UP_S)
            if self._stop.is_set():
                raise Stopped
        self._take_events()

    def _take_events(self) -> None:
        while True:
            try:
                event, place = self._inbox.get_nowait()
            except Empty:
                return
            try:
                self._take_event(event, place)
            except BadInput as error:
                log.warning("event_refused", topic=place.topic, offset=place.offset, error=str(error))

    def _take_event(self, event: Any, place: Place) -> None:
        if event is not None:
            self._archive.event(event, _now())
            return
        tenant, (session, _, kind) = tenant_of(place.topic), place.key.partition("|")
        if tenant is not None and kind == "announced":
            self._archive.erased(tenant, session)

    # Effects

    def _do(self, effects: Iterable[Effect]) -> None:
        todo = list(effects)
        self._undone += todo
        for effect in todo:
            for entry in self._until_served(partial(self._perform, effect)):
                self._archive.event(entry, _now())
            self._undone.popleft()

    def _perform(self, effect: Effect) -> list[LedgerEntry]:
        if isinstance(effect, StoreInstance) and not self._is_ours(effect):
            return []  # the partition went to another worker while we waited: it stores the frames
        return self._writer.perform(effect)

    def _is_ours(self, effect: StoreInstance) -> bool:
        return all((FRAMES, frame.partition) in self._partitions.next for frame in effect.plan.frames)

    def _until_served(self, act: Callable[[], T]) -> T:
        """Do something, trying again while it is unavailable: paused, but polling."""
        pause_s = 0.0
        try:
            while True:
                try:
                    return act()
                except Unavailable as error:
                    pause_s = min(WAIT_MAX_S, max(error.retry_after_s, 2 * pause_s))
                    log.warning("waiting", what=str(error), pause_s=pause_s)
                    self._wait(pause_s)
        finally:
            self._resume()

    def _wait(self, pause_s: float) -> None:
        if not self._waiting:
            self._waiting = True
            metrics.WAITING.set(1)
            self._consumer.pause(self._consumer.assignment())
        end = time.monotonic() + pause_s
        while time.monotonic() < end:
            if self._stop.is_set():
                raise Stopped
            self._turned_s = time.monotonic()
            early = self._consumer.poll(POLL_S)
            if early is not None and early.error() is None:  # read before the pause took hold: read it again later
                self._consumer.seek(TopicPartition(early.topic(), early.partition(), early.offset()))

    def _resume(self) -> None:
        if self._waiting:
            self._waiting = False
            metrics.WAITING.set(0)
            self._consumer.resume(self._consumer.assignment())

    # Assignment and offsets

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.assign(partitions)
        if self._waiting:
            consumer.pause(partitions)
        self._partitions.assign(starts_of(consumer, partitions))
        self._catch_up()
        log.info("assigned", partitions=len(partitions))

    def _revoked(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._commit()
        self._lost(consumer, partitions)

    def _lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._partitions.revoke([(each.topic, each.partition) for each in partitions])
        for each in partitions:
            if each.topic == FRAMES:
                for effect in self._archive.lose(each.partition):
                    self._writer.perform(effect)

    def _commit(self) -> None:
        self._committed_s = time.monotonic()
        stores = (effect.plan.frames for effect in self._undone if isinstance(effect, StoreInstance))
        waiting = [*self._archive.held(), *(frame for frames in stores for frame in frames)]
        safe = self._partitions.to_commit(((FRAMES, frame.partition), frame.offset) for frame in waiting)
        fresh = [
            TopicPartition(*place, offset) for place, offset in safe.items() if self._committed.get(place) != offset
        ]
        if not fresh:
            return
        try:
            self._consumer.commit(offsets=fresh, asynchronous=False)
        except KafkaException as error:
            log.warning("commit_failed", code=error.args[0].name())
            return
        self._committed = safe

    def _close(self) -> None:
        self._commit()
        self._consumer.close()
        self._log.close()


def _now() -> Now:
    return Now(time.monotonic(), time.time_ns())
