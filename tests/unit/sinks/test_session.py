"""The life of a session, run over a store, a log and a spool in memory."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from huizhen.schemas.errors import BadId, Refused
from huizhen.schemas.events import (
    Announced,
    Command,
    LedgerEntry,
    Progress,
    Sealed,
    SealedSource,
    SealReport,
    StoredSource,
)
from huizhen.schemas.reasons import RejectReason, TileState
from huizhen.schemas.record import TileOrigin
from huizhen.sinks.metrics import WITHHELD
from huizhen.sinks.ranges import STILL_S
from huizhen.sinks.verify import read_back
from tests.unit.sinks import exam
from tests.unit.sinks.desk import SETTINGS, Desk

FILLED: dict[str, Any] = {
    "exact": False, "tiles": (TileOrigin(TileState.TRUE), *[TileOrigin(TileState.BASE, 1, 2.0)] * 3),
}  # fmt: skip


@pytest.fixture
def desk() -> Desk:
    return Desk().open()


def rolling(numbers: range) -> str:
    digest = bytes(32)
    for number in numbers:
        frame = hashlib.sha256(exam.coded(exam.COLOUR, number)).digest()
        digest = hashlib.sha256(digest + number.to_bytes(8, "big") + frame).digest()
    return digest.hex()


def test_a_complete_sealed_session_is_reported_and_its_station_told(desk: Desk) -> None:
    desk.frames(*range(6))
    desk.seal(6, digest=rolling(range(6)))
    desk.tick(times=2)
    assert desk.entries("stored") == [(0, 3), (4, 5)]
    assert desk.counts() == (6, 6, 0, 0, 0)
    assert len(desk.commands("session_stored")) == 1
    assert desk.report is not None
    manifest = json.loads(desk.store.objects[desk.report.manifest_key])
    assert manifest["sources"]["probe"]["journal_matches"] is True
    assert [each["first"] for each in manifest["sources"]["probe"]["entries"]] == [0, 4]
    desk.tick(10, times=5)
    assert len(desk.commands("session_stored")) == 1


def test_a_journal_that_is_not_what_was_stored_shows_in_the_manifest(desk: Desk) -> None:
    desk.frames(0, 1, 2, 3)
    desk.seal(4, digest="0" * 64)
    desk.tick(times=2)
    assert desk.report is not None
    manifest = json.loads(desk.store.objects[desk.report.manifest_key])
    assert manifest["sources"]["probe"]["journal_matches"] is False


def test_a_lost_tail_is_asked_for_and_stored_when_it_comes(desk: Desk) -> None:
    desk.frames(0, 1)
    desk.seal(4)
    desk.tick(1, times=3)
    assert desk.commands("resend") == [(2, 3)]
    desk.frames(2, 3)
    desk.tick(times=2)
    assert desk.counts() == (4, 4, 0, 0, 0)


def test_a_session_that_never_completes_is_sealed_after_its_drain_with_what_is_missing(desk: Desk) -> None:
    desk.frames(0, 1, 2)
    desk.frame(5, **FILLED)
    desk.seal(8)
    desk.tick(SETTINGS.drain_s - 1)
    assert desk.report is None
    desk.tick(1, times=3)
    assert desk.counts() == (8, 3, 0, 5, 1)
    assert desk.entries("missing") == [(3, 7)]
    assert {each.reason for each in desk.of(LedgerEntry) if each.outcome == "missing"} == {"unexplained"}
    assert desk.entries("derived") == [(5, 5)]
    assert desk.kinds() == ["derived", "exact", "mask"]
    assert desk.commands("session_stored") == []
    assert desk.spool.kept == {}
    found = read_back(desk.store, desk.of(LedgerEntry))
    assert (found.stored, found.derived, found.is_sound) == (3, 1, True)


def test_what_the_station_dropped_is_missing_for_its_reason_and_not_asked_for(desk: Desk) -> None:
    desk.frames(0, 1)
    desk.seal(4, dropped=[2, 3], drop_reason="spool_full")
    desk.tick(times=3)
    assert desk.counts() == (4, 2, 0, 2, 0)
    assert [each.reason for each in desk.of(LedgerEntry) if each.outcome == "missing"] == ["spool_full"]
    assert (desk.commands("resend"), len(desk.commands("session_stored"))) == ([], 1)


def test_rejected_frames_are_in_the_ledger_once_and_not_missing(desk: Desk) -> None:
    desk.frames(0, 3)
    desk.verdict(1)
    desk.verdict(1)
    desk.verdict(2, "incomplete")
    desk.verdict(2)
    assert desk.entries("rejected") == [(1, 1), (2, 2)]
    desk.seal(4)
    desk.tick(times=3)
    assert desk.counts() == (4, 2, 2, 0, 0)
    assert len(desk.commands("session_stored")) == 1


def test_a_frame_stored_after_its_rejection_counts_as_stored(desk: Desk) -> None:
    desk.verdict(1)
    desk.frames(0, 1)
    desk.seal(2)
    desk.tick(times=3)
    assert desk.counts() == (2, 2, 0, 0, 0)


def test_a_frame_refused_here_is_asked_again_and_else_rejected_for_its_reason(desk: Desk) -> None:
    desk.frames(0)
    desk.archive.refused(exam.meta(1).head, Refused(RejectReason.CODING_CHANGED, "x"), desk.now)
    desk.seal(2)
    desk.tick(1, times=3)
    assert desk.commands("resend") == [(1, 1)]
    desk.tick(SETTINGS.drain_s, times=3)
    assert desk.counts() == (2, 1, 1, 0, 0)
    assert [each.reason for each in desk.of(LedgerEntry) if each.outcome == "rejected"] == ["coding_changed"]


def told(desk: Desk) -> list[Command]:
    return [each for each in desk.of(Command) if each.kind == "session_stored"]


def test_a_station_is_told_exactly_what_is_stored(desk: Desk) -> None:
    desk.frames(0, 1)
    desk.seal(2, digest=rolling(range(2)))
    desk.tick(times=3)
    (word,) = told(desk)
    assert desk.report is not None
    assert word.manifest_sha256 == desk.report.manifest_sha256
    assert word.sources == [StoredSource("probe", 2, rolling(range(2)))]
    assert desk.report.withheld == ""


def test_a_journal_with_another_digest_is_kept_for_good(desk: Desk) -> None:
    before = WITHHELD.labels("journal_mismatch")._value.get()
    desk.frames(0, 1)
    desk.seal(2, digest="ab" * 32)
    desk.tick(times=3)
    assert (desk.counts(), told(desk)) == ((2, 2, 0, 0, 0), [])
    assert desk.report is not None
    assert desk.report.withheld == "journal_mismatch"
    assert WITHHELD.labels("journal_mismatch")._value.get() == before + 1
    desk.tell(Sealed("clinic", "exam-1", 1, desk.now.utc_ns, [SealedSource("probe", 2, "ab" * 32)]))
    desk.tick(times=3)
    assert told(desk) == [], "a second seal of the same journal"
    desk.frames(2)
    desk.seal(3, digest="ab" * 32)
    desk.tick(times=3)
    assert (desk.counts()[:2], desk.report.withheld, told(desk)) == ((3, 3), "journal_mismatch", [])


def test_a_journal_is_kept_while_a_frame_of_it_was_refused_here(desk: Desk) -> None:
    desk.frames(0)
    desk.archive.refused(exam.meta(1).head, Refused(RejectReason.BAD_CHECKSUM, "x"), desk.now)
    desk.seal(2)
    desk.tick(SETTINGS.drain_s, times=3)
    assert desk.report is not None
    assert (desk.counts(), desk.report.withheld, told(desk)) == ((2, 1, 1, 0, 0), "refused", [])
    desk.frames(1)
    desk.tick(times=3)
    assert (desk.counts(), desk.report.withheld) == ((2, 2, 0, 0, 0), "")
    assert len(told(desk)) == 1


def test_a_silent_session_is_sealed_by_timeout_with_the_tail_its_progress_tells_of(desk: Desk) -> None:
    desk.frames(0, 1)
    desk.progress(5)
    desk.tick(SETTINGS.seal_after_silence_s - 1)
    assert desk.report is None
    desk.tick(1, times=3)
    assert desk.report is not None
    assert (desk.report.by, desk.counts()) == ("timeout", (5, 2, 0, 3, 0))
    assert desk.commands("session_stored") == []


def test_progress_keeps_a_still_session_alive(desk: Desk) -> None:
    for _ in range(5):
        desk.progress(0)
        desk.tick(100)
    assert desk.report is None


def test_a_producer_that_returns_completes_a_session_sealed_by_timeout(desk: Desk) -> None:
    desk.frames(0, 1)
    desk.progress(4)
    desk.tick(SETTINGS.seal_after_silence_s, times=3)
    first = desk.report
    assert first is not None
    desk.tell(replace(exam.announced(), epoch=2))
    desk.frames(2, 3)
    desk.seal(4, epoch=2)
    desk.tick(times=3)
    assert desk.report is not None
    assert (desk.report.by, desk.counts()) == ("producer", (4, 4, 0, 0, 0))
    manifest = json.loads(desk.store.objects[desk.report.manifest_key])
    assert manifest["previous"] == first.manifest_sha256
    assert len(desk.commands("session_stored")) == 1


def test_a_frame_that_comes_after_the_report_amends_it(desk: Desk) -> None:
    desk.frames(0, 1)
    desk.seal(3)
    desk.tick(SETTINGS.drain_s, times=3)
    assert desk.counts() == (3, 2, 0, 1, 0)
    desk.frame(2)
    desk.tick(times=3)
    assert desk.counts() == (3, 3, 0, 0, 0)
    assert len(desk.commands("session_stored")) == 1


def test_a_duplicate_does_not_open_a_sealed_session_again(desk: Desk) -> None:
    desk.frames(0, 1)
    desk.seal(2)
    desk.tick(times=3)
    before = len(desk.log.events)
    desk.frames(0, 1)
    desk.tick(100, times=5)
    assert len(desk.log.events) == before


def test_a_seal_of_a_fenced_producer_changes_nothing(desk: Desk) -> None:
    desk.tell(replace(exam.announced(), epoch=3))
    desk.tell(replace(exam.announced(), epoch=2, modality="CT"))
    desk.seal(9, epoch=2)
    desk.tick(times=3)
    session = desk.archive.sessions["clinic", "exam-1"]
    assert (session.said.sealed, desk.report) == (None, None)
    assert session.said.announced is not None
    assert (session.said.announced.epoch, session.said.announced.modality) == (3, "US")


def test_an_empty_session_is_sealed_with_nothing(desk: Desk) -> None:
    desk.seal(0)
    desk.tick(times=2)
    assert desk.counts() == (0, 0, 0, 0, 0)


def test_a_session_that_may_not_be_recorded_is_not() -> None:
    desk = Desk().open(recording=False)
    desk.frames(0, 1, 2, 3)
    desk.seal(4)
    desk.tick(times=3)
    assert desk.counts() == (4, 0, 4, 0, 0)
    assert [each.reason for each in desk.of(LedgerEntry)] == ["policy"]
    assert [key for key in desk.store.objects if key.endswith(".dcm")] == []
    assert (desk.commands("resend"), desk.spool.kept) == ([], {})


def test_an_announcement_names_every_source_of_the_report() -> None:
    two: Announced = exam.announced(exam.source(), exam.source("screen", exam.SC_COLOUR, name="screen"))
    desk = Desk()
    desk.tell(two)
    desk.tell(exam.geometry())
    desk.frames(0)
    desk.seal(1)
    desk.tick(times=3)
    assert desk.report is not None
    manifest = json.loads(desk.store.objects[desk.report.manifest_key])
    assert set(manifest["sources"]) == {"probe", "screen"}


def test_a_station_that_seals_again_after_the_report_is_told_again_once(desk: Desk) -> None:
    desk.frames(0, 1)
    desk.seal(2)
    desk.tick(times=3)
    assert desk.report is not None
    desk.tell(replace(exam.announced(), epoch=2))
    desk.tell(Sealed("clinic", "exam-1", 2, desk.report.at_ns + 1, [SealedSource("probe", 2, "")]))
    desk.tick(times=5)
    assert (len(desk.commands("session_stored")), len(desk.of(SealReport))) == (2, 1)


def test_what_was_stored_after_the_report_is_reported_though_the_archive_was_killed_in_between(desk: Desk) -> None:
    desk.frames(0, 1)
    desk.seal(3)
    desk.tick(SETTINGS.drain_s, times=3)
    desk.frame(2)
    desk.tick(STILL_S)
    again = Desk(desk.store).open()
    again.seconds = desk.seconds + 1
    again.seal(3)
    for event in [each for each in desk.log.events if not isinstance(each, Command)]:
        again.tell(event)
    again.tick(times=3)
    assert again.counts() == (3, 3, 0, 0, 0)


def test_our_own_report_coming_back_does_not_close_a_session_that_woke_meanwhile(desk: Desk) -> None:
    desk.frames(0, 1)
    desk.seal(3)
    desk.tick(SETTINGS.drain_s, times=3)
    desk.frame(2)
    desk.tell(desk.report)
    desk.tick(times=3)
    assert desk.counts() == (3, 3, 0, 0, 0)


@pytest.mark.parametrize(
    "event",
    [
        Sealed("clinic", "exam-1", 1, 5, [SealedSource("../probe", 2, "")]),
        replace(exam.announced(exam.source(name="no id")), epoch=9),
        replace(exam.geometry(), source="UP"),
        Progress("clinic", "exam-1", "", 1, 5, 3, ""),
    ],
)
def test_an_event_with_a_bad_id_is_refused_when_it_comes_not_met_later(desk: Desk, event: object) -> None:
    with pytest.raises(BadId):
        desk.tell(event)
    desk.frames(0, 1)
    desk.seal(2)
    desk.tick(times=3)
    assert desk.counts() == (2, 2, 0, 0, 0)


def test_a_source_that_a_later_epoch_does_not_announce_keeps_its_frames(desk: Desk) -> None:
    desk.frames(0)
    desk.tell(replace(exam.announced(exam.source("screen", exam.SC_COLOUR, name="screen")), epoch=2))
    desk.frame(1)
    desk.seal(2, epoch=2)
    desk.tick(times=3)
    assert desk.counts() == (2, 2, 0, 0, 0)


def test_a_drain_begins_again_with_every_new_frame(desk: Desk) -> None:
    desk.seal(4)
    for number in (0, 1):
        desk.tick(SETTINGS.drain_s - 1)
        desk.frame(number)
    desk.tick(SETTINGS.drain_s - 1)
    assert desk.report is None
    desk.tick(1, times=3)
    assert desk.counts() == (4, 2, 0, 2, 0)
