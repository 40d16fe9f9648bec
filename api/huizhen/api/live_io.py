"""Read `frames` from its end, once per process, and hand each frame to the hub."""

import asyncio
import threading
from collections.abc import Callable

import structlog
from confluent_kafka import OFFSET_END, Consumer, KafkaException, Message, TopicPartition

from huizhen.api.inbox import Inbox
from huizhen.api.live_frame import LiveFrame, live_frame
from huizhen.api.metrics import Metrics
from huizhen.schemas.errors import BadInput
from huizhen.schemas.kafka_io import ANSWER_MS, headers_of
from huizhen.schemas.record import read_frame_headers
from huizhen.schemas.settings import KafkaSettings, kafka_client_config
from huizhen.schemas.threads_io import thread
from huizhen.schemas.topics import FRAME_RECORD_MAX, Topic, name_of

POLL_S = 0.1  # bounds the stop time, not the latency: a poll returns with the first record
METADATA_TIMEOUT_S = 5.0
AGAIN_S = 1.0
FETCHED_KIB_MAX = 48 << 10  # frames that may lie in the client: three of the largest
WAITING_MAX = 16  # frames that may wait for the event loop; then the thread waits and frames stay in the client
log = structlog.get_logger()


class FrameFeed:
    """Follows the topic `frames`."""

    def __init__(self, kafka: KafkaSettings, publish: Callable[[LiveFrame], None], metrics: Metrics) -> None:
        self._kafka = kafka
        self._publish = publish
        self._metrics = metrics
        self._stopping = threading.Event()

    async def run(self) -> None:
        """Read until cancelled."""
        inbox = Inbox(asyncio.get_running_loop(), self._publish, WAITING_MAX)
        reading = thread("frames", lambda: self._run(inbox))
        reading.start()
        try:
            await inbox.failed()
        finally:
            self._stopping.set()
            inbox.close()
            await asyncio.to_thread(reading.join, 2 * METADATA_TIMEOUT_S)

    def _run(self, inbox: Inbox[LiveFrame]) -> None:
        try:
            self._read(inbox)
        except Exception as error:  # noqa: BLE001 - outermost loop of the thread: the process ends with it
            inbox.fail(error)

    def _read(self, inbox: Inbox[LiveFrame]) -> None:
        consumer = Consumer(self._config())
        try:
            while not self._stopping.is_set() and not self._assign(consumer):
                self._stopping.wait(AGAIN_S)
            while not self._stopping.is_set():
                message = consumer.poll(POLL_S)
                if message is not None:
                    self._take(message, inbox)
        finally:
            consumer.close()

    def _config(self) -> dict[str, str | int]:
        return {
            **kafka_client_config(self._kafka),
            "group.id": "huizhen-live",
            "enable.auto.commit": "false",
            "auto.offset.reset": "latest",
            "allow.auto.create.topics": "false",
            "fetch.wait.max.ms": 500,
            "socket.timeout.ms": ANSWER_MS,
            "fetch.message.max.bytes": FRAME_RECORD_MAX + (1 << 20),
            "queued.max.messages.kbytes": FETCHED_KIB_MAX,
            "socket.nagle.disable": "true",
            "reconnect.backoff.max.ms": 1000,
            "log_level": 0,
        }

    def _assign(self, consumer: Consumer) -> bool:
        topic = name_of(Topic.FRAMES)
        try:
            found = consumer.list_topics(topic, METADATA_TIMEOUT_S).topics[topic]
        except KafkaException:
            log.warning("frames_not_followed", error="Kafka does not answer")
            return False
        if found.error is not None or not found.partitions:
            log.warning("frames_not_followed", error=f"no topic {topic}: create it with `huizhen topics`")
            return False
        consumer.assign([TopicPartition(topic, partition, OFFSET_END) for partition in found.partitions])
        log.info("frames_followed", partitions=len(found.partitions))
        return True

    def _take(self, message: Message, inbox: Inbox[LiveFrame]) -> None:
        error = message.error()
        if error is not None:
            log.warning("frames_error", code=error.name())
            return
        try:
            meta = read_frame_headers(headers_of(message))
            frame = live_frame(meta, message.value() or b"")
        except BadInput as bad:
            self._metrics.frames_bad.inc()
            log.warning("frame_unreadable", partition=message.partition(), offset=message.offset(), error=str(bad))
            return
        self._metrics.frames_read.inc()
        inbox.put(frame)
