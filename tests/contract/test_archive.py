"""The archive against a real Kafka and a real S3."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from huizhen.schemas.events import Announced, GeometryDeclared, LedgerEntry, Progress, Sealed, SealedSource, SealReport
from huizhen.schemas.ids import SessionId, SourceId, StreamId, TenantId
from huizhen.schemas.kafka_io import EventReader, Place, Publisher
from huizhen.schemas.record import frame_headers
from huizhen.schemas.routing import to_record
from huizhen.schemas.settings import (
    ArchiveSettings,
    KafkaSettings,
    ProcessorSettings,
    S3Settings,
    Settings,
    kafka_client_config,
)
from huizhen.schemas.topics import Topic, name_of
from huizhen.sinks.archive_io import ArchiveShell
from huizhen.sinks.log_io import KafkaLog
from huizhen.sinks.spool_io import FolderSpool
from huizhen.sinks.store_io import S3Store
from huizhen.sinks.verify import read_back
from huizhen.sinks.writer import Writer
from tests.services.waiting import wait_for
from tests.unit.sinks import exam

SESSION = "exam-1"


class Hospital:
    """Publishes a session as capture and processors would, and reads what the archive says of it."""

    def __init__(self, kafka: KafkaSettings, tenant: str) -> None:
        config = kafka_client_config(kafka)
        self.stream = StreamId(TenantId(tenant), SessionId(f"{tenant}-1"), SourceId("probe"))
        self.said: list[Any] = []
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
            self._publisher.send_raw(
                "huizhen.frames", self.stream.session, exam.coded(exam.COLOUR, number), frame_headers(meta)
            )
        assert self._publisher.flush(10) == 0

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

    def close(self) -> None:
        self._reader.close()
        self._publisher.close()


@pytest.fixture
def hospital(kafka: KafkaSettings, tenant: str) -> Iterator[Hospital]:
    made = Hospital(kafka, tenant)
    yield made
    made.close()


@pytest.fixture
def settings(kafka: KafkaSettings, s3: S3Settings, tenant: str, tmp_path: Path) -> Settings:
    return Settings(
        state=tmp_path,
        kafka=kafka,
        s3=s3,
        processor=ProcessorSettings(tenants=[tenant]),
        archive=ArchiveSettings(
            group=f"archive-{tenant}", instance_max_frames=8, drain_s=3, resend_after_s=0.5, seal_after_silence_s=5
        ),
        disk_min_free_bytes=0,
    )


class Running:
    """An archive on a thread of the test."""

    def __init__(self, settings: Settings) -> None:
        self._stop = threading.Event()
        spool = FolderSpool(settings.state / "spool", 0)
        log = KafkaLog(settings.kafka, time.time_ns)
        writer = Writer(S3Store(settings.s3), log, spool, time.time_ns)
        self.shell = ArchiveShell(settings, writer, log, spool, self._stop)
        self._thread = threading.Thread(target=self.shell.run)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def begin(with_settings: Settings = settings) -> Running:
        started.append(Running(with_settings))
        return started[-1]

    yield begin
    for each in started:
        each.stop()


def keys(store: S3Store, hospital: Hospital) -> list[tuple[str, int]]:
    return [(each.key, each.size) for each in store.list(f"{hospital.stream.tenant}/")]


def test_an_exam_is_stored_ledgered_sealed_and_read_back(
    hospital: Hospital, settings: Settings, start: Callable[..., Running]
) -> None:
    hospital.open()
    hospital.frames(*range(20))
    start()
    hospital.seal(20)
    wait_for(lambda: hospital.report, 30, "the session is sealed")
    assert hospital.report is not None
    assert (hospital.report.captured, hospital.report.stored, hospital.report.missing) == (20, 20, 0)
    wait_for(lambda: hospital.commands("session_stored"), 5, "the station is told")
    stored = [each for each in hospital.of(LedgerEntry) if each.outcome == "stored"]
    assert [(each.first, each.last) for each in sorted(stored, key=lambda e: e.first)] == [(0, 7), (8, 15), (16, 19)]
    store = S3Store(settings.s3)
    found = read_back(store, stored)
    assert (found.stored, found.is_sound) == (20, True)
    assert hospital.report.manifest_key in dict(keys(store, hospital))
