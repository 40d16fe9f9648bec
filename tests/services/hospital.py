"""A hospital that publishes as capture and processors would, and an archive that runs on a thread of the test."""

import threading
import time
from dataclasses import replace
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition
from prometheus_client import REGISTRY

from huizhen.schemas.events import LedgerEntry, Sealed, SealedSource, SealReport
from huizhen.schemas.ids import SessionId, SourceId, StreamId, TenantId
from huizhen.schemas.kafka_io import EventReader, Place, Publisher
from huizhen.schemas.record import FrameMeta, frame_headers
from huizhen.schemas.rejected import Rejection, read_rejected
from huizhen.schemas.routing import Record, to_record
from huizhen.schemas.settings import (
    KafkaSettings,
    Settings,
    kafka_client_config,
)
from huizhen.schemas.topics import Topic, name_of
from huizhen.sinks.archive_io import ArchiveShell
from huizhen.sinks.log_io import KafkaLog
from huizhen.sinks.manifest import lock_for
from huizhen.sinks.partitions import partition_of
from huizhen.sinks.spool_io import FolderSpool
from huizhen.sinks.store_io import S3Store
from huizhen.sinks.writer import Writer
from tests.unit.sinks import exam


class Hospital:
    """Publishes a session as capture and processors would, and reads what the archive says of it."""

    def __init__(self, kafka: KafkaSettings, tenant: str) -> None:
        config = kafka_client_config(kafka)
        self.stream = StreamId(TenantId(tenant), SessionId(f"{tenant}-1"), SourceId("probe"))
        self.said: list[Any] = []
        self.first_offset = 1 << 62
        self._publisher = Publisher(config)
        topics = [name_of(Topic.LEDGER), name_of(Topic.COMMANDS, TenantId(tenant))]
        self._reader = EventReader(config, topics, self._hear).start()

    def _hear(self, event: Any, _place: Place) -> None:
        if event.session == self.stream.session:
            self.said.append(event)

    def tell(self, event: Any) -> None:
        event = replace(event, tenant=str(self.stream.tenant), session=str(self.stream.session))
        self._publisher.send(to_record(event, f"t{time.time_ns()}", time.time_ns()))

    def open(self, **more: Any) -> None:
        self.tell(exam.announced(**more))
        self.tell(exam.geometry())
        assert self._publisher.flush(10) == 0

    def frames(self, *numbers: int, exact: bool = True, revision: int = 0, **more: Any) -> None:
        for number in numbers:
            meta = exam.meta(number, exact=exact, revision=revision, stream=self.stream, **more)
            self.send(meta, exam.coded(exam.COLOUR, number))
        assert self._publisher.flush(10) == 0

    def send(self, meta: FrameMeta, codestream: bytes) -> None:
        self.raw(codestream, list(frame_headers(meta)))

    def raw(self, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        self._publisher.send_raw("huizhen.frames", self.stream.session, value, headers, self._delivered)

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        assert error is None
        offset = message.offset()
        assert offset is not None
        self.first_offset = min(self.first_offset, offset)

    def record(self, record: Record) -> None:
        self._publisher.send(record)
        assert self._publisher.flush(10) == 0

    def rejections(self, kafka: KafkaSettings, is_claimed: bool = True) -> list[Rejection]:
        """Read what stands on rejected, or on unclaimed, for the session."""
        consumer = Consumer(
            {**kafka_client_config(kafka), "group.id": "t", "enable.partition.eof": True, "fetch.wait.max.ms": "10"}
        )
        topic = name_of(Topic.REJECTED, self.stream.tenant) if is_claimed else name_of(Topic.UNCLAIMED)
        found = consumer.list_topics(topic, 10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, each, OFFSET_BEGINNING) for each in found])
        ended, taken = 0, []
        while ended < len(found):
            message = consumer.poll(10)
            assert message is not None, "the topic's end is reached"
            if message.error() is not None:
                ended += 1
            elif message.key() == self.stream.session.encode():
                taken.append(read_rejected(message.headers()))
        consumer.close()
        return taken

    def seal(self, frames: int, **more: Any) -> None:
        self.tell(Sealed("", "", 1, 5, [SealedSource("probe", frames, "", **more)]))
        assert self._publisher.flush(10) == 0

    def of(self, kind: type) -> list[Any]:
        return [each for each in self.said if isinstance(each, kind)]

    @property
    def report(self) -> SealReport | None:
        found = self.of(SealReport)
        return found[-1] if found else None

    def commands(self, kind: str) -> list[Any]:
        return [each for each in self.said if getattr(each, "kind", "") == kind]

    @property
    def stored(self) -> int:
        return sum(each.last - each.first + 1 for each in self.of(LedgerEntry) if each.outcome == "stored")

    def close(self) -> None:
        self._reader.close()
        self._publisher.close()


class Running:
    """An archive on a thread of the test."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        spool = FolderSpool(settings.state / "spool", 0)
        log = KafkaLog(settings.kafka, time.time_ns)
        writer = Writer(S3Store(settings.s3), log, spool, time.time_ns, lock_for(settings.s3))
        self.shell = ArchiveShell(settings, writer, log, spool, self._stop)
        self._thread = threading.Thread(target=self.shell.run)
        self._thread.start()

    @property
    def waiting(self) -> bool:
        return bool(REGISTRY.get_sample_value("huizhen_archive_waiting"))

    def committed(self, topic: str, hospital: "Hospital") -> int:
        """Count the committed records of the session's partition that are the session's own."""
        config = {**kafka_client_config(self._settings.kafka), "group.id": self._settings.archive.group}
        consumer = Consumer(config)
        try:
            place = TopicPartition(topic, partition_of(hospital.stream.session, 4))
            (committed,) = consumer.committed([place], 10)
            return max(0, int(committed.offset) - hospital.first_offset)
        finally:
            consumer.close()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()


def keys(store: S3Store, hospital: Hospital) -> list[tuple[str, int]]:
    """List the objects of a hospital, key and size."""
    return [(each.key, each.size) for each in store.list(f"{hospital.stream.tenant}/")]
