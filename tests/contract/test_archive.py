"""The archive against a real Kafka and a real S3."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition
from prometheus_client import REGISTRY
from pydantic import SecretStr

from huizhen.cli.ports_io import free_ports
from huizhen.schemas.errors import Refused
from huizhen.schemas.events import LedgerEntry, Progress, Sealed, SealedSource, SealReport
from huizhen.schemas.ids import SessionId, SourceId, StreamId, TenantId
from huizhen.schemas.kafka_io import EventReader, Place, Publisher
from huizhen.schemas.packet import Section
from huizhen.schemas.reasons import RejectReason, TileState
from huizhen.schemas.record import FrameMeta, PacketMeta, TileOrigin, frame_headers, packet_headers
from huizhen.schemas.rejected import Original, Rejection, read_rejected, to_rejected
from huizhen.schemas.routing import Record, to_record
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
from huizhen.sinks.partitions import partition_of
from huizhen.sinks.spool_io import FolderSpool
from huizhen.sinks.store_io import S3Store
from huizhen.sinks.verify import read_back
from huizhen.sinks.writer import Writer
from tests.services.store import Store
from tests.services.waiting import wait_for
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

    def rejections(self, kafka: KafkaSettings) -> list[Rejection]:
        """Read what stands on rejected for the session."""
        consumer = Consumer({**kafka_client_config(kafka), "group.id": "t", "enable.partition.eof": True})
        found = consumer.list_topics("huizhen.rejected", 10).topics["huizhen.rejected"].partitions
        consumer.assign([TopicPartition("huizhen.rejected", each, OFFSET_BEGINNING) for each in found])
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
        self._settings = settings
        self._stop = threading.Event()
        spool = FolderSpool(settings.state / "spool", 0)
        log = KafkaLog(settings.kafka, time.time_ns)
        writer = Writer(S3Store(settings.s3), log, spool, time.time_ns)
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


def test_a_second_run_changes_no_byte_of_the_bucket(
    hospital: Hospital, settings: Settings, start: Callable[..., Running]
) -> None:
    hospital.open()
    hospital.frames(*range(11))
    hospital.frames(11, exact=False)
    hospital.frames(12, 13)
    hospital.frames(11, revision=1)
    hospital.seal(14)
    start()
    wait_for(lambda: hospital.commands("session_stored"), 30, "the session is stored")
    store = S3Store(settings.s3)
    before, said = {key: store.get(key) for key, _ in keys(store, hospital)}, len(hospital.said)
    again = settings.archive.model_copy(update={"group": f"{settings.archive.group}-again", "instance_id": "again"})
    second = start(settings.model_copy(update={"archive": again}))
    wait_for(lambda: second.committed("huizhen.frames", hospital) >= 15, 30, "the second run has read all frames")
    assert {key: store.get(key) for key, _ in keys(store, hospital)} == before
    assert len(hospital.said) == said


def test_a_restart_goes_on_where_the_first_run_was_stopped(
    hospital: Hospital, settings: Settings, start: Callable[..., Running]
) -> None:
    hospital.open()
    hospital.frames(*range(13))
    first = start()
    wait_for(lambda: hospital.stored == 8, 30, "the first range is stored")
    first.stop()
    assert first.committed("huizhen.frames", hospital) == 8, "frames that wait are not committed"
    hospital.frames(13, 14, 15)
    hospital.seal(16)
    start()
    wait_for(lambda: hospital.report, 30, "the session is sealed")
    assert hospital.report is not None
    assert (hospital.report.stored, hospital.report.missing) == (16, 0)
    assert len(keys(S3Store(settings.s3), hospital)) == 3


def test_lost_frames_are_asked_for_and_what_was_only_filled_is_kept_apart(
    hospital: Hospital, settings: Settings, start: Callable[..., Running]
) -> None:
    start()
    hospital.open()
    tiles = (TileOrigin(TileState.TRUE), *[TileOrigin(TileState.BASE, 1, 2.0)] * 3)
    hospital.frames(0, 1, 2)
    hospital.frames(3, exact=False, tiles=tiles)
    hospital.frames(4, 5)
    hospital.seal(8)
    wait_for(lambda: hospital.commands("resend"), 20, "the station is asked again")
    asked = {(each.first, each.last) for each in hospital.commands("resend")}
    assert asked == {(3, 3), (6, 7)}
    hospital.frames(6, revision=1)
    wait_for(lambda: hospital.report, 30, "the session is sealed after its drain")
    assert hospital.report is not None
    counts = hospital.report.stored, hospital.report.missing, hospital.report.derived
    assert counts == (6, 2, 1)
    assert hospital.commands("session_stored") == []
    found = read_back(S3Store(settings.s3), hospital.of(LedgerEntry))
    assert (found.stored, found.derived, found.is_sound) == (6, 1, True)


def test_refused_frames_go_to_rejected_and_the_rest_is_stored(
    hospital: Hospital, settings: Settings, start: Callable[..., Running], kafka: KafkaSettings
) -> None:
    hospital.open()
    hospital.frames(0)
    hospital.send(exam.meta(1, stream=hospital.stream), exam.coded(exam.COLOUR, 2))
    hospital.send(exam.meta(2, geometry_id=9, stream=hospital.stream), exam.coded(exam.COLOUR, 2))
    hospital.raw(b"no frame at all", [("ce_specversion", b"1.0")])
    hospital.frames(3)
    hospital.seal(4)
    start()
    wait_for(lambda: hospital.report, 30, "the session is sealed")
    assert hospital.report is not None
    assert (hospital.report.stored, hospital.report.rejected, hospital.report.missing) == (2, 1, 1)
    reasons = [each.reason for each in hospital.rejections(kafka)]
    assert sorted(reasons) == ["bad_checksum", "bad_envelope", "unknown_geometry"]


def test_a_frame_its_station_could_not_read_is_accounted_for(hospital: Hospital, start: Callable[..., Running]) -> None:
    hospital.open()
    hospital.frames(0)
    head = exam.meta(1, stream=hospital.stream).head
    headers = packet_headers(PacketMeta(head, 0, 1, Section.ALL, "0" * 64))
    error = Refused(RejectReason.BAD_DICOM, "unreadable")
    hospital.record(to_rejected(error, Original(b"bytes", list(headers), hospital.stream.session), time.time_ns()))
    hospital.seal(2)
    start()
    wait_for(lambda: hospital.report, 30, "the session is sealed")
    assert hospital.report is not None
    assert (hospital.report.stored, hospital.report.rejected, hospital.report.missing) == (1, 1, 0)
    (entry,) = [each for each in hospital.of(LedgerEntry) if each.outcome == "rejected"]
    assert (entry.reason, entry.topic) == ("bad_dicom", "huizhen.rejected")


def test_a_silent_session_is_sealed_by_timeout(hospital: Hospital, start: Callable[..., Running]) -> None:
    hospital.open()
    hospital.frames(0, 1)
    hospital.tell(Progress("", "", "probe", 1, 5, 3, ""))
    start()
    wait_for(lambda: hospital.report, 30, "the session is sealed")
    assert hospital.report is not None
    assert (hospital.report.by, hospital.report.captured, hospital.report.stored) == ("timeout", 3, 2)


def test_while_s3_is_away_the_archive_waits_alive_and_then_catches_up(
    hospital: Hospital, settings: Settings, start: Callable[..., Running], tmp_path: Path
) -> None:
    own = Store(tmp_path / "s3")
    own.start_somewhere()
    try:
        running = start(settings.model_copy(update={"s3": own.settings}))
        hospital.open()
        hospital.frames(*range(8))
        wait_for(lambda: hospital.stored == 8, 30, "the first range is stored")
        own.kill()
        hospital.frames(*range(8, 32))
        wait_for(lambda: running.waiting, 60, "the archive says that it waits")
        assert running.shell.health == "ok"
        assert hospital.stored == 8
        own.start()
        hospital.seal(32)
        wait_for(lambda: hospital.commands("session_stored"), 60, "the backlog is stored")
        assert hospital.stored == 32
        assert read_back(S3Store(own.settings), hospital.of(LedgerEntry)).is_sound
    finally:
        own.stop()
        own.remove_data()


def test_a_store_that_refuses_its_keys_is_waited_for(
    hospital: Hospital, settings: Settings, start: Callable[..., Running]
) -> None:
    wrong = settings.s3.model_copy(update={"secret_key": SecretStr("wrong")})
    refused = start(settings.model_copy(update={"s3": wrong}))
    hospital.open()
    hospital.frames(*range(8))
    wait_for(lambda: refused.waiting, 30, "the archive says that it waits")
    refused.stop()
    assert (hospital.said, refused.committed("huizhen.frames", hospital)) == ([], 0)
    start()
    wait_for(lambda: hospital.stored == 8, 30, "the range is stored with the right keys")


def test_the_part_runs_as_a_process_serves_its_health_and_ends_on_sigterm(
    hospital: Hospital, settings: Settings, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    env = os.environ | {
        "HUIZHEN_KAFKA__BOOTSTRAP": settings.kafka.bootstrap,
        "HUIZHEN_S3__ENDPOINT": settings.s3.endpoint,
        "HUIZHEN_S3__BUCKET": settings.s3.bucket,
        "HUIZHEN_S3__ACCESS_KEY": settings.s3.access_key.get_secret_value(),
        "HUIZHEN_S3__SECRET_KEY": settings.s3.secret_key.get_secret_value(),
        "HUIZHEN_ARCHIVE__GROUP": settings.archive.group,
        "HUIZHEN_PROCESSOR__TENANTS": f'["{hospital.stream.tenant}"]',
        "HUIZHEN_STATE": str(tmp_path),
        "HUIZHEN_METRICS_PORT": str(port),
    }
    code = "from huizhen.schemas.settings import Settings; from huizhen.sinks.main import run; exit(run(Settings()))"
    part = subprocess.Popen([sys.executable, "-c", code], env=env, stderr=subprocess.PIPE)
    try:
        hospital.open()
        hospital.frames(*range(8))
        wait_for(lambda: _answers(f"http://127.0.0.1:{port}/healthz"), 30, "health is served")
        hospital.seal(8)
        wait_for(lambda: hospital.commands("session_stored"), 30, "the session is stored")
        figures = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert 'huizhen_archive_frames_total{outcome="stored"} 8.0' in figures
        part.send_signal(signal.SIGTERM)
        assert part.wait(5) == 0
    finally:
        part.kill()
        _, said = part.communicate()
    assert hospital.stream.tenant.encode() not in said.replace(hospital.stream.session.encode(), b"")
    assert settings.kafka.bootstrap.encode() not in said


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
