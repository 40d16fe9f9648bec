"""A session is the fold of its events."""

import itertools
import random
from dataclasses import replace

import pytest

from huizhen.api.session import GEOMETRIES_MAX, SOURCES_MAX, Session
from huizhen.schemas.states import SessionState
from tests.services.fake_station import FakeStation

STATION = FakeStation("clinic")


def fold(*events: object) -> Session:
    session = Session("clinic", "exam-1")
    for event in events:
        session.take(event)
    return session


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], SessionState.ANNOUNCED),
        ([STATION.verdict(0)], SessionState.LIVE),
        ([STATION.verdict(0), STATION.sealed(1)], SessionState.DRAINING),
        ([STATION.sealed(0)], SessionState.DRAINING),
        ([STATION.verdict(0), STATION.sealed(1), STATION.report(1)], SessionState.SEALED),
        ([STATION.verdict(0), replace(STATION.sealed(1), by="timeout")], SessionState.SEALED_BY_TIMEOUT),
        (
            [STATION.verdict(0), replace(STATION.sealed(1), by="timeout"), STATION.report(1)],
            SessionState.SEALED_BY_TIMEOUT,
        ),
    ],
)
def test_states_follow_the_table_in_whatever_order_events_come(events: list[object], state: SessionState) -> None:
    for order in itertools.permutations([STATION.announced(), *events]):
        assert fold(*order).state is state


def test_a_producer_that_returns_reopens_its_session() -> None:
    session = fold(STATION.announced(), STATION.verdict(0), replace(STATION.sealed(1), by="timeout"))
    session.take(replace(STATION.announced(), epoch=2))
    assert session.state is SessionState.LIVE


def test_counts_and_latency_come_from_verdicts_ledger_and_progress() -> None:
    events = [
        STATION.announced(), STATION.progress(50), STATION.verdict(0), STATION.verdict(1, filled=2, exact=False),
        STATION.verdict(1, revision=1), replace(STATION.verdict(2), verdict="rejected"),
        replace(STATION.verdict(3), verdict="incomplete"), STATION.entry(0, 1), STATION.entry(4, 4, "missing"),
    ]  # fmt: skip
    random.Random(5).shuffle(events)
    source = fold(*events).source("probe")
    counts = source.marks.counts()
    assert (counts.assembled, counts.exact, counts.filled) == (2, 2, 1)
    assert (counts.rejected, counts.incomplete, counts.stored, counts.missing) == (1, 1, 2, 1)
    assert source.captured == 50


def test_an_outcome_of_a_later_version_is_passed_over() -> None:
    session = fold(STATION.announced(), STATION.entry(0, 3, "quarantined"), STATION.entry(0, 1))
    assert session.source("probe").marks.counts().stored == 2


def test_latency_is_told_of_live_frames_alone() -> None:
    session = fold(*(STATION.verdict(number) for number in range(10)))
    session.take(replace(STATION.verdict(10), backfilled=True, closed_at_ns=10**15))
    source = session.source("probe")
    assert (source.latency_ns(0.5), source.latency_ns(0.95)) == (5_000_000, 5_000_000)
    assert source.newest == 10
    assert Session("clinic", "x").source("probe").latency_ns(0.5) is None


def test_an_older_frame_does_not_become_the_newest() -> None:
    source = fold(STATION.verdict(5), STATION.verdict(3)).source("probe")
    assert (source.newest, source.newest_at_ns) == (5, 6_000_000_000)


def test_geometries_and_sources_are_bounded() -> None:
    session = fold(*(STATION.geometry(number) for number in range(GEOMETRIES_MAX + 5)))
    assert len(session.source("probe").geometries) == GEOMETRIES_MAX
    for number in range(SOURCES_MAX + 5):
        session.take(replace(STATION.verdict(0), source=f"s{number}"))
    assert len(session.sources) == SOURCES_MAX
