"""The archive while something refuses, is away or is wrong, against a real Kafka and a real S3."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from prometheus_client import REGISTRY
from pydantic import SecretStr

from huizhen.cli.ports_io import free_ports
from huizhen.schemas.errors import Refused
from huizhen.schemas.events import LedgerEntry
from huizhen.schemas.ids import TenantId
from huizhen.schemas.packet import Section
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.record import PacketMeta, packet_headers
from huizhen.schemas.rejected import Original, to_rejected
from huizhen.schemas.settings import (
    KafkaSettings,
    Settings,
)
from huizhen.schemas.topics import Topic, name_of
from huizhen.sinks.store_io import S3Store
from huizhen.sinks.verify import read_back
from tests.services.forked import Forked, program
from tests.services.hospital import Hospital, Running
from tests.services.ports import CLAIMS
from tests.services.raw_batch import send_poisoned
from tests.services.store import Store
from tests.services.waiting import wait_for
from tests.unit.sinks import exam

DEADLINE_S = 60.0


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
    wait_for(lambda: hospital.report, 60, "the session is sealed")
    assert hospital.report is not None
    assert (hospital.report.stored, hospital.report.rejected, hospital.report.missing) == (2, 2, 0)
    reasons = [each.reason for each in hospital.rejections(kafka)]
    assert sorted(reasons) == ["bad_checksum", "unknown_geometry"]
    assert [each.reason for each in hospital.rejections(kafka, is_claimed=False)] == ["bad_envelope"]


def test_a_frame_its_station_could_not_read_is_accounted_for(hospital: Hospital, start: Callable[..., Running]) -> None:
    hospital.open()
    hospital.frames(0)
    head = exam.meta(1, stream=hospital.stream).head
    headers = packet_headers(PacketMeta(head, 0, 1, Section.ALL, "0" * 64))
    error = Refused(RejectReason.BAD_DICOM, "unreadable")
    original = Original(b"bytes", list(headers), hospital.stream.session.encode())
    hospital.record(to_rejected(error, original, time.time_ns(), hospital.stream.tenant))
    hospital.seal(2)
    start()
    wait_for(lambda: hospital.report, 60, "the session is sealed")
    assert hospital.report is not None
    assert (hospital.report.stored, hospital.report.rejected, hospital.report.missing) == (1, 1, 0)
    (entry,) = [each for each in hospital.of(LedgerEntry) if each.outcome == "rejected"]
    assert (entry.reason, entry.topic) == ("bad_dicom", f"huizhen.{hospital.stream.tenant}.rejected")


def test_what_a_station_says_of_another_institutions_frame_changes_nothing(
    hospital: Hospital, settings: Settings, start: Callable[..., Running], topics: Callable[[str], str]
) -> None:
    hospital.open()
    hospital.frames(0)
    head = exam.meta(1, stream=hospital.stream).head
    headers = packet_headers(PacketMeta(head, 0, 1, Section.ALL, "0" * 64))
    error = Refused(RejectReason.BAD_DICOM, "forged")
    other = TenantId(topics(f"{hospital.stream.tenant}-forger"))
    forged = to_rejected(error, Original(b"", list(headers), hospital.stream.session.encode()), 5, other)
    before = refused_events()
    hospital.record(forged)
    both = settings.processor.model_copy(update={"tenants": [str(hospital.stream.tenant), str(other)]})
    start(settings.model_copy(update={"processor": both}))
    wait_for(lambda: refused_events() == before + 1, 60, "the forged rejection is counted")
    hospital.frames(1)
    hospital.seal(2)
    wait_for(lambda: hospital.report, 60, "the session is sealed")
    assert hospital.report is not None
    assert (hospital.report.stored, hospital.report.rejected, hospital.report.missing) == (2, 0, 0)


def test_a_header_that_is_no_text_on_rejected_stops_nothing(
    hospital: Hospital, settings: Settings, start: Callable[..., Running]
) -> None:
    topic = name_of(Topic.REJECTED, hospital.stream.tenant)
    records: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]] = [(b"k", None, [("NAME", None)])]
    before = refused_events()
    send_poisoned(settings.kafka.bootstrap, topic, records, b"NAME", b"\xff\xfeME")
    hospital.open()
    hospital.frames(0)
    hospital.seal(1)
    start()
    wait_for(lambda: hospital.report, 60, "the session is sealed")
    wait_for(lambda: refused_events() == before + 1, 60, "the record is counted")


def refused_events() -> float:
    return REGISTRY.get_sample_value("huizhen_archive_events_refused_total", {"topic": "rejected"}) or 0.0


def test_while_s3_is_away_the_archive_waits_alive_and_then_catches_up(
    hospital: Hospital, settings: Settings, start: Callable[..., Running], tmp_path: Path
) -> None:
    own = Store(tmp_path / "s3")
    own.start_somewhere()
    try:
        running = start(settings.model_copy(update={"s3": own.settings}))
        hospital.open()
        hospital.frames(*range(8))
        wait_for(lambda: hospital.stored == 8, 60, "the first range is stored")
        own.kill()
        hospital.frames(*range(8, 32))
        wait_for(lambda: running.waiting, 60, "the archive says that it waits")
        assert running.shell.health == "ok"
        assert hospital.stored == 8
        own.start()
        hospital.seal(32)
        wait_for(lambda: hospital.commands("session_stored"), 60, "the backlog is stored")
        wait_for(lambda: hospital.stored == 32, 60, "the ledger, another topic, was read so far")
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
    wait_for(lambda: refused.waiting, 60, "the archive says that it waits")
    refused.stop()
    assert (hospital.said, refused.committed("huizhen.frames", hospital)) == ([], 0)
    start()
    wait_for(lambda: hospital.stored == 8, 60, "the range is stored with the right keys")


def test_the_part_runs_as_a_process_serves_its_health_and_ends_on_sigterm(
    hospital: Hospital, settings: Settings
) -> None:
    (port,) = free_ports(1, CLAIMS)
    part = as_process(settings, hospital, port)
    try:
        hospital.open()
        hospital.frames(*range(8))
        wait_for(lambda: _answers(f"http://127.0.0.1:{port}/healthz"), 60, "health is served")
        hospital.seal(8)
        wait_for(lambda: hospital.commands("session_stored"), 60, "the session is stored")
        figures = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert 'huizhen_archive_frames_total{outcome="stored"} 8.0' in figures
        part.send_signal(signal.SIGTERM)
        assert part.wait(DEADLINE_S) == 0
    finally:
        part.kill()
    said = (settings.state / "archive.log").read_text()
    assert hospital.stream.tenant not in said.replace(hospital.stream.session, "")
    assert settings.kafka.bootstrap not in said


def test_a_killed_archive_loses_and_doubles_nothing(hospital: Hospital, settings: Settings) -> None:
    hospital.open()
    sent = 0
    for round_number in range(4):
        part = as_process(settings, hospital, 0)
        try:
            for _ in range(3):
                hospital.frames(*range(sent, sent + 7))
                sent += 7
            enough = (round_number * 21) // 8 * 8
            wait_for(lambda enough=enough: hospital.stored >= enough, 60, f"{enough} frames are stored")  # type: ignore[misc] # bound now
            if round_number == 3:
                hospital.seal(sent)
                wait_for(lambda: hospital.report, 60, "the session is sealed")
        finally:
            part.kill()
            part.wait(DEADLINE_S)
    assert hospital.report is not None
    assert (hospital.report.stored, hospital.report.missing) == (sent, 0)
    store = S3Store(settings.s3)
    newest = {(each.outcome, each.first): each for each in hospital.of(LedgerEntry)}.values()
    assert sorted(number for each in newest for number in range(each.first, each.last + 1)) == list(range(sent))
    assert read_back(store, newest).is_sound
    instances = {each.key for each in store.list(f"{hospital.stream.tenant}/") if each.key.endswith(".dcm")}
    assert instances == {each.object_key for each in newest}


def as_process(settings: Settings, hospital: Hospital, port: int) -> Forked:
    env = os.environ | {
        "HUIZHEN_KAFKA__BOOTSTRAP": settings.kafka.bootstrap,
        "HUIZHEN_S3__ENDPOINT": settings.s3.endpoint,
        "HUIZHEN_S3__BUCKET": settings.s3.bucket,
        "HUIZHEN_S3__ACCESS_KEY": settings.s3.access_key.get_secret_value(),
        "HUIZHEN_S3__SECRET_KEY": settings.s3.secret_key.get_secret_value(),
        "HUIZHEN_ARCHIVE__GROUP": settings.archive.group,
        "HUIZHEN_ARCHIVE__INSTANCE_MAX_FRAMES": "8",
        "HUIZHEN_PROCESSOR__TENANTS": f'["{hospital.stream.tenant}"]',
        "HUIZHEN_STATE": str(settings.state),
        "HUIZHEN_METRICS_PORT": str(port),
        "HUIZHEN_DISK_MIN_FREE_BYTES": "0",
    }
    return Forked(program, "huizhen.sinks.main", env=env, out=settings.state / "archive.log")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
