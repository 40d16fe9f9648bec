"""The Kafka shell that all parts share: a publisher with its own poll thread, and a reader of event topics.

It stands here and not in four copies; see docs/adr/0002. Deciding code never imports it.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import methodcaller
from typing import Any

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from huizhen.schemas.errors import BadEnvelope, BadInput, Bug, Unavailable
from huizhen.schemas.rejected import Origin, Original
from huizhen.schemas.routing import Record, check_place, read_event
from huizhen.schemas.threads_io import Leave, leave, thread
from huizhen.schemas.topics import PARTITIONER, RECORD_MAX, kind_of

log = structlog.get_logger()
POLL_S = 0.05  # how long the poll thread waits for delivery reports: bounds the stop time, not the latency
METADATA_TIMEOUT_S = 10.0
READ_BATCH = 200
ASK_S = 5.0  # a broker that needs longer is away; the next question goes to who leads then
# A client that does nothing but ask keeps what it once heard of partitions' leaders for a quarter of an hour, and goes
# on asking brokers that lead no more: only clients that read or write are told. So it forgets that after three seconds.
ANSWER_MS = 10_000  # a broker that stands still and keeps its connections is given up after this; 60 s by default
ASKING: Mapping[str, str] = {"metadata.max.age.ms": "3000"}
NO_TOPIC = frozenset({KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION, KafkaError.UNKNOWN_TOPIC_OR_PART})
# With a name that is no UTF-8 the client's C code gives a list with a hole *and* sets an error. A call from Python that
# the interpreter has specialised does not look at the error, and the hole ends the process; a call from C always does.
CHECKED_HEADERS = methodcaller("headers")
Delivered = Callable[[KafkaError | None, Message], None]


class Publisher:
    """An idempotent producer, `acks=all`, polled from its own thread, bounded in bytes.

    What a delivery report's handler raises goes to `leave`.
    `overrides`: librdkafka settings above ours, for example `message.timeout.ms`.
    """

    def __init__(
        self,
        config: Mapping[str, str],
        max_bytes: int = 64 << 20,
        overrides: Mapping[str, str | int] | None = None,
        leave: Leave = leave,
    ) -> None:
        ours: dict[str, str | int] = {
            "acks": "all",
            "enable.idempotence": "true",
            "partitioner": PARTITIONER,
            "linger.ms": 0,
            "compression.type": "none",
            "socket.nagle.disable": "true",
            "socket.timeout.ms": ANSWER_MS,
            "message.max.bytes": RECORD_MAX,
            "queue.buffering.max.kbytes": max(1, max_bytes // 1024),
            "queue.buffering.max.messages": 100_000,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 1000,
        }
        self._producer = Producer({**config, **ours, **(overrides or {}), "logger": quiet_logger()})
        self._stopping = threading.Event()
        self._thread = thread("kafka-poll", self._poll, leave)
        self._thread.start()

    def _poll(self) -> None:
        while not self._stopping.is_set():
            self._producer.poll(POLL_S)

    def send(self, record: Record, delivered: Delivered | None = None) -> None:
        """Queue a record; raises Unavailable where the queue is full or the topic is not there.

        `delivered` is called on the poll thread.
        """
        self.send_raw(record.topic, record.key, record.value, record.headers, delivered)

    def send_raw(
        self,
        topic: str,
        key: str,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
        delivered: Delivered | None = None,
    ) -> None:
        """Queue raw bytes; raises Unavailable where the queue is full or the topic is not there."""
        try:
            self._producer.produce(topic, value, key, headers=list(headers), on_delivery=delivered)
        except BufferError as error:
            raise Unavailable("the Kafka producer's queue", 0.05) from error
        except KafkaException as error:
            if error.args[0].code() not in NO_TOPIC:
                raise
            log.warning("topic_unavailable", topic=kind_of(topic), code=error.args[0].name(), retry_after_s=1.0)
            raise Unavailable(f"topic {topic} (create it with `huizhen topics`)", 1.0) from error

    @property
    def waiting(self) -> int:
        """Count the records not delivered yet."""
        return len(self._producer)

    def flush(self, timeout_s: float) -> int:
        """Wait for deliveries; return how many records still wait."""
        return int(self._producer.flush(timeout_s))

    def close(self, timeout_s: float = 10.0) -> int:
        """Flush and stop; return how many records were not delivered."""
        left = self.flush(timeout_s)
        self._stopping.set()
        self._thread.join(timeout_s)
        return left


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: str


Handler = Callable[[Any, Place], None]
"""Takes an event (None: tombstone) and its place, on the reader's thread"""
Dead = Callable[[BadInput, Original], None]
"""Takes a record that was refused, on the reader's thread"""


class EventReader:
    """Reads whole event topics from their beginning, without a group, and follows them.

    `from_end`: only what comes later. `since_ms`: only records from that time on (UTC milliseconds since 1970).
    Records that cannot be parsed, events that stand on a topic not their own (forged, since a station may write its own
    institution's topics alone), and those that `handler` refuses with BadInput, are logged with their place, told to
    `refused` (by what the topic is for) and passed over; `dead` gets them whole, to be kept on `rejected` by the one
    part that does so. Anything else that is raised is a bug and goes to `leave`.
    """

    def __init__(
        self,
        config: Mapping[str, str],
        topics: Sequence[str],
        handler: Handler,
        *,
        from_end: bool = False,
        since_ms: int | None = None,
        refused: Callable[[str], None] = lambda topic: None,
        dead: Dead = lambda error, original: None,
        leave: Leave = leave,
    ) -> None:
        self._topics = list(topics)
        self._handler = handler
        self._refused = refused
        self._dead = dead
        self._from_end = from_end
        self._since_ms = since_ms
        self._stopping = threading.Event()
        self._positions: dict[tuple[str, int], int] = {}
        self._moved = threading.Condition()
        self._config = dict(config)
        self._consumer = self._make()
        # asking a consumer that another thread polls blocks for as long as it polls
        self._asking = self._make(ASKING)
        try:
            self._assigned = self._assign()
        except (Unavailable, KafkaException):  # its owner tries again with a new one: this one's threads must go
            self._consumer.close()
            self._asking.close()
            raise
        self._thread = thread("event-reader", self._run, leave)

    def start(self) -> "EventReader":
        """Start reading on an own thread."""
        self._thread.start()
        return self

    def _make(self, more: Mapping[str, str] | None = None) -> Consumer:
        ours = {
            "group.id": "huizhen-reader",
            "enable.auto.commit": "false",
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": "500",
            "enable.partition.eof": "false",
            "socket.timeout.ms": str(ANSWER_MS),
            "reconnect.backoff.max.ms": "1000",
            "allow.auto.create.topics": "false",
        }
        return Consumer({**self._config, **ours, **(more or {}), "logger": quiet_logger()})

    def _assign(self) -> list[TopicPartition]:
        assigned = []
        for topic in self._topics:
            partitions = _partitions(self._consumer, topic)
            for partition in partitions:
                offset = OFFSET_BEGINNING
                if self._from_end or self._since_ms is not None:
                    offset = self._positions[topic, partition] = self._start(topic, partition)
                assigned.append(TopicPartition(topic, partition, offset))
        self._consumer.assign(assigned)
        return assigned

    def _start(self, topic: str, partition: int) -> int:
        where = TopicPartition(topic, partition, self._since_ms or 0)
        try:
            if self._since_ms is not None:
                offset = int(self._asking.offsets_for_times([where], METADATA_TIMEOUT_S)[0].offset)
                if offset >= 0:
                    return offset
            return int(self._asking.get_watermark_offsets(where, METADATA_TIMEOUT_S)[1])
        except KafkaException as error:
            raise Unavailable("Kafka", 1.0) from error

    def _run(self) -> None:
        while not self._stopping.is_set():
            first = self._consumer.poll(POLL_S)  # `consume` would wait for a whole batch or its timeout
            for message in [first, *self._consumer.consume(READ_BATCH, 0)] if first else []:
                self._take(message)
        self._consumer.close()

    def _take(self, message: Message) -> None:
        error = message.error()
        if error is not None:
            log.warning("reader_error", code=error.name())
            return
        place = place_of(message)
        try:
            check_key(message)
            event = read_event(headers_of(message), message.value())
            if event is not None:
                check_place(event, place.topic)
            self._handler(event, place)
        except BadInput as refusal:
            log.warning(
                "event_refused", topic=place.topic, partition=place.partition, offset=place.offset, error=str(refusal)
            )
            self._refused(kind_of(place.topic))
            self._dead(refusal, original_of(message))
        with self._moved:
            self._positions[place.topic, place.partition] = place.offset + 1
            self._moved.notify_all()

    def catch_up(self, timeout_s: float) -> bool:
        """Wait until everything that stands in the topics now has been handled; say whether it was in time."""
        deadline = time.monotonic() + timeout_s
        try:
            ends = {
                (tp.topic, tp.partition): self._asking.get_watermark_offsets(
                    TopicPartition(tp.topic, tp.partition), min(ASK_S, timeout_s)
                )
                for tp in self._assigned
            }
        except KafkaException as error:
            log.warning("ends_unknown", code=error.args[0].name())
            return False
        with self._moved:
            return self._moved.wait_for(lambda: self._reached(ends), max(0.0, deadline - time.monotonic()))

    def _reached(self, ends: Mapping[tuple[str, int], tuple[int, int]]) -> bool:
        return all(low >= high or self._positions.get(where, 0) >= high for where, (low, high) in ends.items())

    def close(self, timeout_s: float = 5.0) -> None:
        """Stop reading."""
        self._stopping.set()
        if self._thread.ident is None:
            self._consumer.close()  # else the thread closes what it reads from
        elif self._thread.is_alive():
            self._thread.join(timeout_s)
        self._asking.close()


def place_of(message: Message) -> Place:
    """Say where a record without error stands."""
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    if topic is None or partition is None or offset is None:
        raise Bug("a record without error has no place")
    key = message.key() or b""
    shown_key = key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else key
    return Place(topic, partition, offset, message.timestamp()[1], shown_key)


def original_of(message: Message) -> Original:
    """Give a record as it came; without headers where the client cannot give them."""
    place = place_of(message)
    try:
        headers = headers_of(message)
    except BadEnvelope:
        headers = []
    key, value = message.key() or b"", message.value() or b""
    origin = Origin(place.topic, place.partition, place.offset)
    return Original(value, headers, key if isinstance(key, bytes) else key.encode(), origin)


def check_key(message: Message) -> None:
    """Refuse an event whose key is no text; raises BadEnvelope."""
    key = message.key() or b""
    try:
        key.decode("utf-8") if isinstance(key, bytes) else key.encode("utf-8")
    except UnicodeError as error:
        raise BadEnvelope("the key is no UTF-8 text") from error


def headers_of(message: Message) -> list[tuple[str, bytes | None]]:
    """Give a record's headers as bytes, in their order; raises BadEnvelope where a name is no text."""
    try:
        found = CHECKED_HEADERS(message) or []
    except (SystemError, UnicodeError) as error:  # the client cannot give them: a name is no UTF-8
        raise BadEnvelope("a header's name is no UTF-8 text") from error
    pairs = found.items() if isinstance(found, dict) else found
    return [(name, value.encode() if isinstance(value, str) else value) for name, value in pairs]


def _partitions(consumer: Consumer, topic: str) -> list[int]:
    try:
        found = consumer.list_topics(topic, METADATA_TIMEOUT_S).topics[topic]
    except KafkaException as error:
        raise Unavailable("Kafka", 1.0) from error
    if found.error is not None or not found.partitions:
        raise Unavailable(f"topic {topic} (create it with `huizhen topics`)", 1.0)
    return list(found.partitions)


def quiet_logger() -> Any:
    """Log librdkafka's own lines at debug level: they name broker addresses, which belong to nobody's log."""
    import logging

    logger = logging.getLogger("librdkafka")
    logger.setLevel(logging.CRITICAL)
    return logger
