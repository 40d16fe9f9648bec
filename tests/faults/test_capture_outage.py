"""A capture whose Kafka goes away and comes back: nothing waits, nothing is lost, live is at *now* at once."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from huizhen.cli.topics_io import ensure_topics
from huizhen.producers.orders import Phase
from huizhen.producers.station_io import Station
from huizhen.schemas.events import Announced, Sealed
from tests.services.broker import Broker
from tests.services.capture_harness import (
    Drawn,
    Received,
    Running,
    end_all,
    options_for,
    picture,
    read_all,
    settings_for,
)
from tests.services.running import running
from tests.services.waiting import wait_for

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that tests may kill and freeze."""
    with running(Broker(tmp_path_factory.mktemp("outage"))) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    yield
    end_all()


def assert_all_there(received: Received, frames: int) -> None:
    exact = received.exact()
    assert sorted(exact) == list(range(frames))
    assert all(np.array_equal(exact[number], picture(number)) for number in exact)


def frames_of(running: Running) -> int:
    sessions = running.station.sessions()
    return sessions[0].journal.snapshot()["probe"].next_number if sessions else 0


def test_a_broker_that_dies_and_returns_costs_no_frame(own_broker: Broker, tmp_path: Path) -> None:
    kafka, tenant = own_broker.settings, "t-dies"
    ensure_topics(kafka, [tenant])
    gate = threading.Event()
    gate.set()
    running = Running(Station(settings_for(kafka, tenant, tmp_path)))
    running.start(Drawn(100_000, rate_hz=30, gate=gate), options_for())
    wait_for(lambda: running.delivered > 30, 60, "frames arrive")
    own_broker.kill()
    before = frames_of(running)
    wait_for(lambda: running.station.alarm == "link_down", 60, "the alarm")
    wait_for(lambda: frames_of(running) > before + 90, 60, "capture goes on")
    gate.clear()
    live = running.station.live
    assert live is not None
    wait_for(lambda: live.is_drained, 60, "live has given up what was captured meanwhile")
    away = frames_of(running) - 1  # one may have come since
    own_broker.start()
    gate.set()
    wait_for(lambda: live.silent_ns < 5e8, 60, "live is back")
    resumed = frames_of(running)
    wait_for(lambda: frames_of(running) > resumed + 30, 60, "frames arrive again")
    wait_for(lambda: running.station.sessions()[0].account.is_flushed, 60, "the backlog is gone")
    assert running.end() == 0
    received = read_all(kafka, tenant)
    (sealed,) = received.of(Sealed)
    assert_all_there(received, sealed.sources[0].frames)
    assert sealed.sources[0].dropped == []
    covered = {("probe", number) for number in range(before, away)}
    assert covered <= received.backfilled, "what the outage covered came late"
    assert not covered & received.begun, "and live went on with what was new"
    assert max(number for _, number in received.begun) > away


def test_a_frozen_broker_is_an_outage_too(own_broker: Broker, tmp_path: Path) -> None:
    kafka, tenant = own_broker.settings, "t-frozen"
    ensure_topics(kafka, [tenant])
    running = Running(Station(settings_for(kafka, tenant, tmp_path))).start(Drawn(100_000, rate_hz=30), options_for())
    wait_for(lambda: running.delivered > 30, 60, "frames arrive")
    own_broker.pause()
    before = frames_of(running)
    try:
        wait_for(lambda: frames_of(running) > before + 150, 60, "capture goes on")
    finally:
        own_broker.resume()
    wait_for(lambda: running.station.live is not None and running.station.live.silent_ns < 5e8, 60, "live is back")
    wait_for(lambda: running.station.sessions()[0].account.is_flushed, 60, "the backlog is gone")
    assert running.end() == 0
    received = read_all(kafka, tenant)
    assert_all_there(received, received.of(Sealed)[0].sources[0].frames)


def test_without_kafka_at_the_start_capture_begins_and_catches_up(own_broker: Broker, tmp_path: Path) -> None:
    kafka, tenant = own_broker.settings, "t-absent"
    ensure_topics(kafka, [tenant])
    own_broker.kill()
    running = Running(Station(settings_for(kafka, tenant, tmp_path))).start(Drawn(100_000, rate_hz=30), options_for())
    wait_for(lambda: frames_of(running) > 60, 60, "frames are captured")
    assert running.station.checks()["kafka"] != "ok"
    own_broker.start()
    wait_for(lambda: running.delivered > 90, 60, "frames arrive")
    wait_for(lambda: running.station.sessions()[0].account.is_flushed, 60, "the backlog is gone")
    assert running.end() == 0
    received = read_all(kafka, tenant)
    assert len(received.of(Announced)) == 1
    assert_all_there(received, received.of(Sealed)[0].sources[0].frames)


def test_what_kafka_lacks_at_the_end_is_sent_by_the_next_start(own_broker: Broker, tmp_path: Path) -> None:
    kafka, tenant = own_broker.settings, "t-left"
    ensure_topics(kafka, [tenant])
    own_broker.kill()
    first = Running(Station(settings_for(kafka, tenant, tmp_path))).start(Drawn(100_000, rate_hz=30), options_for())
    wait_for(lambda: frames_of(first) > 20, 60, "frames are captured")
    assert first.end() == 0
    assert first.owed >= frames_of(first) - first.delivered > 0
    own_broker.start()
    second = Running(Station(settings_for(kafka, tenant, tmp_path)))
    second.start(Drawn(10), options_for("exam-2"), recover=True)
    wait_for(lambda: second.station.phases().get("exam-1") is Phase.SEALED, 60, "exam-1 is sealed")
    second.end()
    received = read_all(kafka, tenant)
    sealed = next(event for event in received.of(Sealed) if event.session == "exam-1")
    assert sealed.epoch == 1
    late = {number for number in range(sealed.sources[0].frames) if ("probe", number) in received.backfilled}
    assert late == set(range(first.owed))


def test_a_capture_started_again_goes_on_in_the_next_epoch(own_broker: Broker, tmp_path: Path) -> None:
    kafka, tenant = own_broker.settings, "t-again"
    ensure_topics(kafka, [tenant])
    settings = settings_for(kafka, tenant, tmp_path)
    for start in (0, 1):
        running = Running(Station(settings)).start(Drawn(30, first=30 * start), options_for())
        assert running.join(60) == 0
    received = read_all(kafka, tenant)
    assert_all_there(received, 60)
    assert [event.epoch for event in received.of(Announced)] == [0, 1]
    assert [event.sources[0].frames for event in received.of(Sealed)] == [30, 60]
    assert received.of(Announced)[0].study_instance_uid == received.of(Announced)[1].study_instance_uid
    assert {int(m.head.epoch) for m in received.metas if m.head.frame.number >= 30} == {1}
