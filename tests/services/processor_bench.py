"""A worker process between a test's station and the test's readers, on the session's Kafka."""

import os
import signal
import time
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from huizhen.schemas.events import FrameVerdict
from huizhen.schemas.ids import TenantId
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.record import FrameMeta, read_frame_headers
from huizhen.schemas.routing import read_event, to_record
from huizhen.schemas.settings import KafkaSettings, kafka_client_config
from huizhen.schemas.topics import Topic, name_of
from tests.exam import Coded, Exam, Sent
from tests.services.forked import Forked, program

STOP_S = 60.0  # it needs one or two seconds; machines that run tests are busy


class Reader:
    """Everything on one topic; tests look for what belongs to them."""

    def __init__(self, kafka: KafkaSettings, topic: Topic, tenant: str = "") -> None:
        self._consumer = Consumer(
            {**kafka_client_config(kafka), "group.id": "test", "enable.auto.commit": "false", "fetch.wait.max.ms": "10"}
        )
        name = name_of(topic, TenantId(tenant) if tenant else None)
        partitions = self._consumer.list_topics(name, 10.0).topics[name].partitions
        self._consumer.assign([TopicPartition(name, partition, OFFSET_BEGINNING) for partition in partitions])
        self.records: list[tuple[dict[str, bytes], bytes]] = []
        self.keys: list[str] = []

    def poll(self) -> None:
        for message in self._consumer.consume(500, 0.05):
            assert message.error() is None, message.error()
            self.records.append((dict(message.headers() or []), message.value()))
            self.keys.append((message.key() or b"").decode())

    def close(self) -> None:
        self._consumer.close()


class Bench:
    """A worker process between a test's station and the test's readers."""

    program = "huizhen.processors.main"
    """What the worker runs"""

    def __init__(self, kafka: KafkaSettings, tenant: str, folder: Path) -> None:
        self.kafka = kafka
        self.tenant = tenant
        self.folder = folder
        self.publisher = Publisher(kafka_client_config(kafka))
        self.frames_reader = Reader(kafka, Topic.FRAMES)
        self.verdicts_reader = Reader(kafka, Topic.VERDICTS)
        self.rejected_reader = Reader(kafka, Topic.REJECTED, tenant)
        self.worker: Forked | None = None
        self.others: list[Forked] = []
        self.start()

    @property
    def log(self) -> str:
        """What the workers said so far."""
        return (self.folder / "worker.log").read_text()

    def start(self) -> None:
        """Start the worker."""
        self.worker = self.spawn("processor-0")

    def spawn(self, instance: str) -> Forked:
        """Start a worker under a static group member id."""
        env = os.environ | {
            "HUIZHEN_KAFKA__BOOTSTRAP": self.kafka.bootstrap,
            "HUIZHEN_PROCESSOR__TENANTS": f'["{self.tenant}"]',
            "HUIZHEN_PROCESSOR__GROUP": f"group-{self.tenant}",
            "HUIZHEN_PROCESSOR__INSTANCE_ID": instance,
            "HUIZHEN_STATE": str(self.folder),
            "HUIZHEN_CONFIG": str(self.folder / "none.toml"),
        }
        return Forked(program, self.program, env=env, out=self.folder / "worker.log")

    def stop(self, how: int = signal.SIGTERM) -> int:
        assert self.worker is not None
        self.worker.send_signal(how)
        code = self.worker.wait(STOP_S)
        self.worker = None
        return code

    def keep_running(self) -> None:
        """Start the worker again where it left, as a supervisor does."""
        if self.worker is not None and self.worker.poll() is not None:
            self.start()

    def close(self) -> None:
        for worker in [self.worker, *self.others]:
            if worker is not None:
                worker.kill()
                worker.wait(STOP_S)
        self.publisher.close(1.0)
        for reader in (self.frames_reader, self.verdicts_reader, self.rejected_reader):
            reader.close()

    def announce(self, exam: Exam, frame: Coded, **changes: object) -> None:
        for number, event in enumerate((exam.announced(**changes), exam.declared(frame))):
            self.publisher.send(to_record(event, f"{exam.session}-{number}", time.time_ns()))
        assert self.publisher.flush(10.0) == 0

    def send(self, exam: Exam, *packets: Sent, topic: Topic = Topic.PACKETS, tenant: str = "") -> None:
        name = name_of(topic, TenantId(tenant or self.tenant))
        for packet in packets:
            self.publisher.send_raw(name, exam.session, packet.value, packet.headers)

    def frames(self, exam: Exam) -> list[tuple[FrameMeta, bytes]]:
        self.frames_reader.poll()
        found = [(read_frame_headers(list(headers.items())), value) for headers, value in self.frames_reader.records]
        return [one for one in found if one[0].head.frame.stream == exam.stream]

    def verdicts(self, exam: Exam) -> list[FrameVerdict]:
        self.verdicts_reader.poll()
        found = [read_event(list(headers.items()), value) for headers, value in self.verdicts_reader.records]
        return [one for one in found if (one.tenant, one.session) == (exam.tenant, exam.session)]

    def rejected(self) -> list[tuple[dict[str, bytes], bytes]]:
        self.rejected_reader.poll()
        return self.rejected_reader.records
