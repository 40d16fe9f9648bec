"""All sessions."""

from dataclasses import replace

import pytest

from huizhen.api import sessions as module
from huizhen.api.sessions import Sessions
from huizhen.schemas.events import Command
from tests.services.fake_station import FakeStation


def test_a_session_is_shown_once_it_is_announced() -> None:
    sessions, station = Sessions(), FakeStation("clinic")
    sessions.take(station.verdict(0))
    assert sessions.find("clinic", "exam-1") is None
    sessions.take(station.announced())
    found = sessions.find("clinic", "exam-1")
    assert found is not None
    assert found.source("probe").newest == 0


def test_sessions_of_two_institutions_stay_apart() -> None:
    sessions = Sessions()
    sessions.take(FakeStation("clinic").announced())
    assert sessions.find("elsewhere", "exam-1") is None


def test_a_tombstone_takes_the_identity_and_the_session_away() -> None:
    sessions = Sessions()
    sessions.take(FakeStation("clinic").announced())
    sessions.erase("elsewhere", "exam-1|announced")
    sessions.erase("clinic", "exam-1|progress|probe")
    assert sessions.find("clinic", "exam-1") is not None
    sessions.erase("clinic", "exam-1|announced")
    assert sessions.find("clinic", "exam-1") is None
    assert sessions.where(lambda one: True) == []


def test_lists_are_newest_first() -> None:
    sessions = Sessions()
    for number in (1, 3, 2):
        sessions.take(FakeStation("clinic", f"exam-{number}").announced(at_ns=number))
    assert [one.session for one in sessions.where(lambda one: True)] == ["exam-3", "exam-2", "exam-1"]


def test_the_longest_announced_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SESSIONS_MAX", 3)
    sessions = Sessions()
    for number in (5, 1, 7, 9):
        sessions.take(FakeStation("clinic", f"exam-{number}").announced(at_ns=number))
    assert {one.session for one in sessions.where(lambda one: True)} == {"exam-5", "exam-7", "exam-9"}


def test_other_events_are_none_of_its_business() -> None:
    assert Sessions().take(Command("clinic", "station-1", "resend", 0, "exam-1")) is None


def test_a_new_epoch_replaces_the_announcement_and_an_old_one_does_not() -> None:
    sessions, station = Sessions(), FakeStation("clinic")
    sessions.take(replace(station.announced(), epoch=2, modality="XA"))
    sessions.take(station.announced())
    found = sessions.find("clinic", "exam-1")
    assert found is not None
    assert found.announced is not None
    assert found.announced.modality == "XA"
