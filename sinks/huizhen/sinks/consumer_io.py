"""The archive's consumer: a static member of its group, bounded in memory, committing by hand, patient while paused."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from huizhen.schemas.errors import BadEnvelope, Bug, Stuck, Unavailable
from huizhen.schemas.kafka_io import ANSWER_MS, headers_of, quiet_logger
from huizhen.schemas.settings import Settings, kafka_client_config
from huizhen.schemas.topics import RECORD_MAX
from huizhen.sinks import metrics
from huizhen.sinks.partitions import Partitions, Place
from huizhen.sinks.watch_io import Standing

log = structlog.get_logger()
T = TypeVar("T")
Headers = list[tuple[str, bytes | None]]
QUEUE_KIB = 16 << 10  # fetched and not yet read, in all partitions
SESSION_MS = 10_000  # a static member that is back within this time keeps its partitions: no rebalance on a restart
HEARTBEAT_MS = 3_000
POLL_MAX_MS = 300_000  # no turn takes so long: one upload is bounded by 35 s, and waiting polls
ASK_S = 10.0
POLL_S = 0.1  # bounds how late a tick or the end comes, not how late a record does
BATCH = 32  # records per round; with the client's queue they bound what is in memory
WAIT_MAX_S = 10.0  # longest pause between two tries while something does not serve


class Stopped(Exception):
    """The part was told to end while it waited."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A record as it was read."""

    topic: str
    partition: int
    offset: int
    stamped_s: float
    """Its timestamp, seconds since 1970"""
    key: bytes
    value: bytes
    headers: Headers


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the reader asks of its owner; called on the reading thread."""

    assigned: Callable[[], None]
    """Partitions were gained, perhaps from another worker"""
    lost: Callable[[Place], None]
    """A partition went to another worker"""
    waiting: Callable[[], Iterable[tuple[Place, int]]]
    """Offsets that must be read again after a crash"""


class GroupReader:
    """Reads topics that are spread alike by session, as one worker of a group."""

    def __init__(self, settings: Settings, topics: list[str], spread: tuple[str, ...], stop: threading.Event) -> None:
        self._topics = topics
        self._stop = stop
        self._consumer = _make(settings)
        try:
            counts = {topic: _count(self._consumer, topic) for topic in topics}
            self.partitions = Partitions(spread, counts[spread[0]])
        except Unavailable:  # its owner tries again with a new one: this one's threads must go
            self._consumer.close()
            raise
        self.turned_s = time.monotonic()
        self._hooks = Hooks(lambda: None, lambda _place: None, lambda: ())
        self._paused = False
        self._acts = 0
        self._committed: dict[Place, int] = {}

    @property
    def standing(self) -> Standing:
        """Say how far it has read, and whether it does something else meanwhile; from any thread."""
        return Standing(dict(self.partitions.next), self._acts > 0)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Do something that is bounded by itself: nobody is stuck meanwhile."""
        self._acts += 1
        try:
            yield
        finally:
            self._acts -= 1

    def subscribe(self, hooks: Hooks) -> None:
        """Join the group."""
        self._hooks = hooks
        self._consumer.subscribe(self._topics, on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost)

    def read(self) -> list[Taken]:
        """Give the next records, at most a batch, waiting a moment for the first; raises Stuck."""
        self.turned_s = time.monotonic()
        taken = []
        for message in self._consumer.consume(BATCH, POLL_S):
            error = message.error()
            if error is not None and _has_ended(message):  # it never reads again
                raise Stuck(f"the consumer gave up: {error.name()}")
            if error is not None:
                log.warning("consumer_error", code=error.name())
            else:
                taken.append(_taken(message))
        return taken

    def see_ends(self) -> None:
        """Note how far the topics reach, as the client last heard."""
        for place in self.partitions.next:
            self.partitions.ends[place] = self._consumer.get_watermark_offsets(TopicPartition(*place), cached=True)

    def until_served(self, act: Callable[[], T]) -> T:
        """Do something, again and again while it is unavailable: paused, but polling. Raises Stopped, Stuck."""
        with self.busy():
            return self._until_served(act)

    def _until_served(self, act: Callable[[], T]) -> T:
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
            if self._paused:
                self._paused = False
                metrics.WAITING.set(0)
                self._consumer.resume(self._consumer.assignment())

    def _wait(self, pause_s: float) -> None:
        if not self._paused:
            self._paused = True
            metrics.WAITING.set(1)
            self._consumer.pause(self._consumer.assignment())
        end = time.monotonic() + pause_s
        while time.monotonic() < end:
            if self._stop.is_set():
                raise Stopped
            self.turned_s = time.monotonic()
            early = self._consumer.poll(POLL_S)
            if early is not None and _has_ended(early):
                raise Stuck("the consumer gave up")
            if early is not None and early.error() is None:  # read before the pause took hold: it comes again later
                found = _taken(early)
                self._consumer.seek(TopicPartition(found.topic, found.partition, found.offset))

    def commit(self) -> None:
        """Commit what is safe: everything handled, less what waits."""
        safe = self.partitions.to_commit(self._hooks.waiting())
        fresh = [
            TopicPartition(*place, offset) for place, offset in safe.items() if self._committed.get(place) != offset
        ]
        if not fresh:
            return
        try:
            done = self._consumer.commit(offsets=fresh, asynchronous=False) or []
        except KafkaException as error:
            log.warning("commit_failed", code=error.args[0].name())
            return
        for each in done:  # one partition may be refused while the others are not: it is committed with the next turn
            if each.error is None:
                self._committed[each.topic, each.partition] = each.offset
            else:
                log.warning("commit_failed", code=each.error.name())

    def close(self) -> None:
        """Commit and leave."""
        self.commit()
        self._consumer.close()

    def _assigned(self, consumer: Consumer, given: list[TopicPartition]) -> None:
        with self.busy():
            consumer.assign(given)
            if self._paused:
                consumer.pause(given)
            committed = consumer.committed(given, ASK_S)
            self.partitions.assign({(each.topic, each.partition): max(0, each.offset) for each in committed})
            self._hooks.assigned()
        log.info("assigned", partitions=len(given))

    def _revoked(self, consumer: Consumer, taken: list[TopicPartition]) -> None:
        self.commit()
        self._lost(consumer, taken)

    def _lost(self, _consumer: Consumer, taken: list[TopicPartition]) -> None:
        places = [(each.topic, each.partition) for each in taken]
        self.partitions.revoke(places)
        for place in places:
            self._committed.pop(place, None)
            self._hooks.lost(place)


def _make(settings: Settings) -> Consumer:
    """Make the consumer; `range` gives a worker the same partition of every topic that is spread by session."""
    ours: dict[str, Any] = {
        "group.id": settings.archive.group,
        "group.instance.id": settings.archive.instance_id,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "partition.assignment.strategy": "range",
        "session.timeout.ms": SESSION_MS,
        "heartbeat.interval.ms": HEARTBEAT_MS,
        "max.poll.interval.ms": POLL_MAX_MS,
        "socket.timeout.ms": ANSWER_MS,
        "fetch.wait.max.ms": 200,  # nobody watches the archive: some frames at a time cost half as much
        "fetch.min.bytes": 512 << 10,
        "fetch.message.max.bytes": 2 << 20,
        "fetch.max.bytes": RECORD_MAX + (1 << 20),
        "receive.message.max.bytes": RECORD_MAX + (2 << 20),
        "queued.max.messages.kbytes": QUEUE_KIB,
        "allow.auto.create.topics": False,
    }
    return Consumer({**kafka_client_config(settings.kafka), **ours, "logger": quiet_logger()})


def _count(consumer: Consumer, topic: str) -> int:
    """Count the partitions of a topic; raises Unavailable."""
    try:
        found = consumer.list_topics(topic, ASK_S).topics[topic]
    except KafkaException as error:
        raise Unavailable("Kafka", 1.0) from error
    if found.error is not None or not found.partitions:
        raise Unavailable(f"topic {topic} (create it with `huizhen topics`)", 1.0)
    return len(found.partitions)


def _has_ended(message: Message) -> bool:
    """Say whether the client has ended for good: fenced by another with our instance id, say, or by a dying broker.

    On a message the client's word for it is the code; `fatal()` is set where it calls back alone.
    """
    error = message.error()
    return error is not None and (error.fatal() or error.code() == KafkaError._FATAL)


def _taken(message: Message) -> Taken:
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    if topic is None or partition is None or offset is None:
        raise Bug("a message without an error has its place")
    key = message.key() or b""
    try:
        headers = headers_of(message)
    except BadEnvelope:
        headers = []  # a name is no text: it is refused as a record without an envelope
    return Taken(
        topic=topic,
        partition=partition,
        offset=offset,
        stamped_s=message.timestamp()[1] / 1000,
        key=key if isinstance(key, bytes) else key.encode(),
        value=bytes(message.value() or b""),
        headers=headers,
    )
