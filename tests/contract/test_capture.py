"""A capture on a real Kafka: what it publishes is what was captured."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from huizhen.producers import metrics
from huizhen.producers.dicom_io import open_dicom
from huizhen.producers.options import Input
from huizhen.producers.station_io import Station
from huizhen.schemas.events import Announced, Command, GeometryDeclared, Progress, Sealed, StoredSource
from huizhen.schemas.ids import SourceId, TenantId
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.profile import Match, Profile, Region
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.rejected import Kept, read_rejected
from huizhen.schemas.routing import to_record
from huizhen.schemas.settings import KafkaSettings, kafka_client_config
from huizhen.schemas.topics import Topic, name_of
from tests.services.capture_harness import (
    PROFILE,
    Drawn,
    Running,
    end_all,
    messages,
    options_for,
    picture,
    read_all,
    settings_for,
)
from tests.services.waiting import wait_for
from tests.unit.producers.dicom_files import dataset, write


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    yield
    end_all()


def test_what_is_published_is_what_was_captured(kafka: KafkaSettings, tenant: str, tmp_path: Path) -> None:
    source = Drawn(90)
    running = Running(Station(settings_for(kafka, tenant, tmp_path))).start(source, options_for())
    assert running.join(60) == 0
    assert running.owed == 0
    received = read_all(kafka, tenant)
    exact = received.exact()
    assert sorted(exact) == list(range(90))
    assert all(np.array_equal(exact[number], picture(number)) for number in exact)
    (announced,) = received.of(Announced)
    assert (announced.session, announced.epoch, announced.partitions) == ("exam-1", 0, kafka.partitions)
    (geometry,) = received.of(GeometryDeclared)
    assert (geometry.columns, geometry.rows, geometry.tile) == (160, 96, 32)
    assert received.of(Progress)[-1].captured == 90
    (sealed,) = received.of(Sealed)
    assert (sealed.sources[0].frames, sealed.sources[0].dropped) == (90, [])
    assert sealed.sources[0].journal_digest == received.of(Progress)[-1].journal_digest


def test_key_frames_come_again_and_again_and_no_tile_leans_on_a_frame_of_before(
    kafka: KafkaSettings, tenant: str, tmp_path: Path
) -> None:
    profile = replace(PROFILE, key_frame_interval_s=0.5)
    running = Running(Station(settings_for(kafka, tenant, tmp_path)))
    running.start(Drawn(10_000, rate_hz=30), options_for(profile=profile))

    def enough() -> bool:
        received = read_all(kafka, tenant)
        keys = {meta.head.frame.number for meta in received.metas if meta.head.key}
        return len(keys) >= 4 and len(received.declared) >= 100

    wait_for(lambda: running.delivered > 60, 60, "frames arrive")
    wait_for(enough, 60, "four key frames, and tiles that are declared between them")
    running.end()
    received = read_all(kafka, tenant)
    captured_ns = {where: meta.head.clock.monotonic_ns for where, meta in received.heads.items()}
    leaning_ns = [
        captured_ns[source, number] - captured_ns[source, number - age]
        for (source, number), age in received.declared
        if (source, number - age) in captured_ns
    ]
    assert len(leaning_ns) >= 100
    assert 0 < min(leaning_ns) <= max(leaning_ns) < 500_000_000


def test_withheld_details_come_later_whole(kafka: KafkaSettings, tenant: str, tmp_path: Path) -> None:
    settings = settings_for(kafka, tenant, tmp_path, packets_per_frame=5, withhold_detail_percent=20.0)
    running = Running(Station(settings)).start(Drawn(60), options_for())
    assert running.join(60) == 0
    received = read_all(kafka, tenant)
    assert received.not_sent
    assert {number for _, number in received.not_sent} <= {number for _, number in received.backfilled}
    assert sorted(received.exact()) == list(range(60))
    assert max(meta.count for meta in received.metas) == 5


def test_a_frame_that_cannot_be_read_is_numbered_and_rejected(
    kafka: KafkaSettings, tenant: str, tmp_path: Path
) -> None:
    source = Drawn(12, broken=frozenset({0, 5}))
    running = Running(Station(settings_for(kafka, tenant, tmp_path))).start(source, options_for(tenant))
    assert running.join(60) == 0
    received = read_all(kafka, tenant, tenant)
    assert [value for value, _ in received.rejected] == [b"", b""]
    said = read_rejected([*received.rejected[0][1]])
    assert said.kept == Kept(6, hashlib.sha256(b"hurt 0").hexdigest(), f"{tenant}/probe-0")
    folder = tmp_path / "journal" / tenant / "station-1" / ".rejected"
    assert (folder / said.kept.place).read_bytes() == b"hurt 0"
    assert said.is_whole_frame
    assert said.reason is RejectReason.BAD_DICOM
    assert sorted(received.exact()) == [1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    assert received.of(Sealed)[0].sources[0].frames == 12


def test_another_size_in_mid_stream_is_another_geometry(kafka: KafkaSettings, tenant: str, tmp_path: Path) -> None:
    running = Running(Station(settings_for(kafka, tenant, tmp_path))).start(Drawn(20, resize_at=10), options_for())
    assert running.join(60) == 0
    received = read_all(kafka, tenant)
    assert [(event.geometry, event.columns) for event in sorted(received.of(GeometryDeclared), key=lambda e: e.geometry)
            ] == [(0, 160), (1, 96)]  # fmt: skip
    exact = received.exact()
    assert [exact[number].shape for number in (9, 10)] == [(96, 160, 3), (64, 96, 3)]
    assert len(exact) == 20
    assert {int(meta.head.geometry) for meta in received.metas if meta.head.frame.number >= 10} == {1}


def test_two_sources_of_one_session_are_numbered_apart(kafka: KafkaSettings, tenant: str, tmp_path: Path) -> None:
    second = Input(SourceId("console"), Drawn(10, first=100), PROFILE)
    running = Running(Station(settings_for(kafka, tenant, tmp_path))).start(Drawn(20), options_for(others=(second,)))
    assert running.join(60) == 0
    received = read_all(kafka, tenant)
    assert len(received.exact()) == 20
    console = received.exact("console")
    assert sorted(console) == list(range(10))
    assert np.array_equal(console[0], picture(100))
    assert {info.source for info in received.of(Announced)[0].sources} == {"probe", "console"}
    assert [(one.source, one.frames) for one in received.of(Sealed)[0].sources] == [("console", 10), ("probe", 20)]


def test_a_lost_source_ends_its_session_in_order(kafka: KafkaSettings, tenant: str, tmp_path: Path) -> None:
    running = Running(Station(settings_for(kafka, tenant, tmp_path))).start(Drawn(20, lost_at=7), options_for())
    assert running.join(60) == 1
    received = read_all(kafka, tenant)
    assert received.of(Sealed)[0].sources[0].frames == 7
    assert "source_lost" in {event.alarm for event in received.of(Progress)}


@pytest.mark.parametrize("workers", [1, 3])
def test_sigterm_seals_and_leaves_nothing(kafka: KafkaSettings, tenant: str, tmp_path: Path, workers: int) -> None:
    station = Station(settings_for(kafka, tenant, tmp_path, workers=workers))
    running = Running(station).start(Drawn(10_000), options_for())
    wait_for(lambda: running.delivered > 20, 60, "frames arrive")
    assert running.end() == 0
    assert running.owed == 0
    received = read_all(kafka, tenant)
    frames = received.of(Sealed)[0].sources[0].frames
    assert sorted(received.exact()) == list(range(frames))


def test_the_archives_word_wipes_the_journal(kafka: KafkaSettings, tenant: str, tmp_path: Path) -> None:
    station = Station(settings_for(kafka, tenant, tmp_path))
    running = Running(station).start(Drawn(10), options_for(wait_stored_s=60.0))
    wait_for(lambda: any(one.journal.state.sealed for one in station.sessions()), 60, "the seal")
    publisher = Publisher(kafka_client_config(kafka))
    probe = station.sessions()[0].journal.state.sources["probe"]
    right = StoredSource("probe", probe.next_number, probe.digest.hex())
    wrong = StoredSource("probe", probe.next_number, "00" * 32)
    kept = metrics.KEPT._value.get()
    word = Command(tenant, "station-1", "session_stored", 1, "exam-1", sources=[wrong])
    publisher.send(to_record(word, "1", 1))
    wait_for(lambda: metrics.KEPT._value.get() == kept + 1, 60, "the station refuses to wipe another journal")
    assert len(station.sessions()) == 1
    publisher.send(to_record(replace(word, sources=[right]), "2", 1))
    publisher.close()
    assert running.join(60) == 0
    assert [path.name for path in (tmp_path / "journal" / tenant / "station-1").iterdir()] == [".stored"]


def test_frames_are_sent_again_on_command(kafka: KafkaSettings, tenant: str, tmp_path: Path) -> None:
    station = Station(settings_for(kafka, tenant, tmp_path))
    running = Running(station).start(Drawn(10_000), options_for())
    wait_for(lambda: station.checks()["kafka"] == "ok", 60, "the station reads commands")
    wait_for(lambda: running.delivered > 20, 60, "frames arrive")
    late = set(read_all(kafka, tenant).backfilled)
    asked = {("probe", number) for number in (3, 4, 5, 6)}
    publisher = Publisher(kafka_client_config(kafka))
    for event in (
        Command(tenant, "station-1", "resend", 1, "exam-1", "probe", 3, 6),
        Command(tenant, "another", "resend", 1, "exam-1", "probe", 8, 9),
        Command(tenant, "station-1", "key_frame", 1, "exam-1", "probe"),
    ):
        publisher.send(to_record(event, "1", 1))
    publisher.close()
    wait_for(lambda: asked <= read_all(kafka, tenant).backfilled, 60, "the frames come on backfill")
    running.end()
    assert ("probe", 8) not in read_all(kafka, tenant).backfilled - late, "that was for another station"


SECRET_NAME, SECRET_PIXELS = b"Geheim^Grete", b"burned-in GEHEIM"


def test_no_name_and_no_burned_in_text_of_what_cannot_be_read_reaches_kafka(
    kafka: KafkaSettings, tenant: str, tmp_path: Path
) -> None:
    exams = tmp_path / "exams"
    exams.mkdir()
    whole = written(exams / "a.dcm", 1, 64, "Doe^Jane")
    written(exams / "b.dcm", 2, 48, "Doe^Jane")
    cut = written(exams / "c.dcm", 3, 64, SECRET_NAME.decode())
    cut.write_bytes(cut.read_bytes()[:-1000])
    assert SECRET_PIXELS in whole.read_bytes()
    assert SECRET_NAME in cut.read_bytes()
    profile = Profile("device", 1, tile=32, match=Match(rows=64), mask_always=(Region(0, 0, 16, 64),))
    running = Running(Station(settings_for(kafka, tenant, tmp_path)))
    running.start(open_dicom(exams), options_for(tenant, profile=profile))
    assert running.join(60) == 0
    said = everything(kafka, tenant)
    assert not [where for where, piece in said if SECRET_NAME in piece or SECRET_PIXELS in piece]
    notices = {read_rejected([*headers]).kept for _, headers in read_all(kafka, tenant, tenant).rejected}
    original = {kept.size_bytes: (kept.digest, kept.place) for kept in notices if kept is not None}
    folder = tmp_path / "journal" / tenant / "station-1" / ".rejected"
    digest, place = original[cut.stat().st_size]
    assert digest == hashlib.sha256(cut.read_bytes()).hexdigest()
    assert (folder / place).read_bytes() == cut.read_bytes()
    assert SECRET_PIXELS in (folder / original[48 * 64][1]).read_bytes()


def written(path: Path, number: int, rows: int, name: str) -> Path:
    pixels = np.full((1, rows, 64), 7, np.uint8)
    pixels[0, 2, : len(SECRET_PIXELS)] = np.frombuffer(SECRET_PIXELS, np.uint8)
    uid = f"1.2.3.4.5.{number}"
    return write(path, dataset(pixels, InstanceNumber=number, PatientName=name, SOPInstanceUID=uid, FrameTime="20"))


def everything(kafka: KafkaSettings, tenant: str) -> list[tuple[str, bytes]]:
    """Give every key, header and value of the tenant's topics, each with its topic."""
    wanted = (Topic.SESSIONS, Topic.PACKETS, Topic.BACKFILL, Topic.REJECTED, Topic.COMMANDS)
    found: list[tuple[str, bytes]] = []
    for topic in (name_of(each, TenantId(tenant)) for each in wanted):
        for message in messages(kafka, topic):
            found += [(topic, piece or b"") for piece in (message.key(), message.value())]
            found += [(topic, name.encode() + value) for name, value in message.headers() or []]
    return found
