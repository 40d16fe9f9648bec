"""The archive's decisions, run over a store, a log and a spool in memory."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from huizhen.schemas.errors import Refused
from huizhen.schemas.events import Announced, LedgerEntry
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.ids import SessionId, SourceId, StreamId, TenantId
from huizhen.schemas.reasons import RejectReason, TileState
from huizhen.schemas.record import TileOrigin
from huizhen.sinks.archive import Reading
from huizhen.sinks.ranges import LINGER_NS, STILL_S
from huizhen.sinks.verify import read_back
from tests.unit.sinks import exam
from tests.unit.sinks.desk import SETTINGS, Desk

FILLED: dict[str, Any] = {
    "exact": False, "tiles": (TileOrigin(TileState.TRUE), *[TileOrigin(TileState.BASE, 1, 2.0)] * 3),
}  # fmt: skip
LATER: dict[str, Any] = {"captured_at_ns": exam.START_NS + 10 * LINGER_NS}


@pytest.fixture
def desk() -> Desk:
    return Desk().open()


def rolling(numbers: range) -> str:
    digest = bytes(32)
    for number in numbers:
        frame = hashlib.sha256(exam.coded(exam.COLOUR, number)).digest()
        digest = hashlib.sha256(digest + number.to_bytes(8, "big") + frame).digest()
    return digest.hex()


def test_a_full_range_is_stored_at_once_and_lets_its_bytes_go(desk: Desk) -> None:
    desk.frames(0, 1, 2)
    assert (desk.kinds(), len(desk.spool.kept)) == ([], 3)
    desk.frame(3)
    assert (desk.kinds(), desk.entries("stored"), desk.spool.kept) == (["exact"], [(0, 3)], {})
    assert read_back(desk.store, desk.of(LedgerEntry)).is_sound


def test_frames_out_of_order_and_doubled_are_stored_once(desk: Desk) -> None:
    desk.frames(2, 0, 2, 3, 0, 1, 1, 3)
    assert (desk.entries("stored"), desk.spool.kept) == ([(0, 3)], {})


def test_a_range_with_a_gap_waits_and_is_closed_when_the_stream_is_past_it(desk: Desk) -> None:
    desk.frames(0, 1, 3, 4, 5)
    assert desk.kinds() == []
    desk.frame(6, **LATER)
    assert (desk.kinds(), desk.entries("stored")) == (["exact"], [(0, 1), (3, 3)])
    second = next(each for each in desk.of(LedgerEntry) if each.first == 3)
    assert second.index == 2


def test_a_range_is_closed_when_the_stream_stands_still(desk: Desk) -> None:
    desk.frames(0, 1)
    desk.tick(STILL_S - 1)
    assert desk.kinds() == []
    desk.tick(1)
    assert desk.entries("stored") == [(0, 1)]


def test_exact_frames_that_come_late_go_to_a_supplement(desk: Desk) -> None:
    desk.frames(0, 1, 3)
    desk.frame(8, **LATER)
    desk.frame(2, revision=1)
    assert desk.entries("stored") == [(0, 1), (2, 2), (3, 3)]
    assert desk.kinds() == ["exact", "supplement"]
    assert read_back(desk.store, desk.of(LedgerEntry)).stored == 4


def test_a_filled_frame_is_never_stored_as_acquired_and_gives_way_to_its_exact_revision(desk: Desk) -> None:
    desk.frames(0, 1, 2)
    desk.frame(3, **FILLED)
    assert (desk.kinds(), len(desk.spool.kept)) == ([], 4)
    desk.frame(3, revision=1)
    assert (desk.kinds(), desk.entries("stored"), desk.spool.kept) == (["exact"], [(0, 3)], {})


def test_a_later_filled_revision_takes_the_place_of_an_earlier_one(desk: Desk) -> None:
    desk.frame(3, **FILLED)
    desk.frame(3, revision=2, **FILLED)
    desk.frame(3, revision=1, **FILLED)
    assert [each.revision for each in desk.archive.held()] == [2]
    assert len(desk.spool.kept) == 1


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
    desk.tick(1, times=4)
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


def test_rejections_of_one_round_are_one_entry_per_run_and_reason(desk: Desk) -> None:
    for number, reason in [(4, "a"), (1, "b"), (3, "a"), (2, "b")]:
        desk.archive.sessions["clinic", "exam-1"].judge("probe", number, reason, desk.now)
    desk.do(desk.archive.settle(desk.now))
    assert [(e.first, e.last, e.reason) for e in desk.of(LedgerEntry)] == [(3, 4, "a"), (1, 2, "b")]


def test_a_verdict_cannot_reject_what_is_stored(desk: Desk) -> None:
    desk.frames(0, 1, 2, 3)
    desk.frame(4)
    desk.verdict(2)
    desk.verdict(4)
    assert desk.entries("rejected") == []


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
    desk.tick(1, times=4)
    assert desk.commands("resend") == [(1, 1)]
    desk.tick(SETTINGS.drain_s, times=3)
    assert desk.counts() == (2, 1, 1, 0, 0)
    assert [each.reason for each in desk.of(LedgerEntry) if each.outcome == "rejected"] == ["coding_changed"]


def test_a_frame_its_station_could_not_read_is_rejected_with_the_place_of_its_bytes(desk: Desk) -> None:
    for _ in range(2):
        head = exam.meta(1).head
        desk.do(desk.archive.reject_at_station(head, RejectReason.BAD_DICOM, ("huizhen.rejected", 2, 9), desk.now))
    (entry,) = desk.of(LedgerEntry)
    assert (entry.outcome, entry.reason, entry.first) == ("rejected", "bad_dicom", 1)
    assert (entry.topic, entry.partition, entry.offset) == ("huizhen.rejected", 2, 9)


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
    assert (session.sealed, desk.report) == (None, None)
    assert session.announced is not None
    assert (session.announced.epoch, session.announced.modality) == (3, "US")


def test_while_old_records_are_read_nothing_is_missing_and_nothing_is_sealed(desk: Desk) -> None:
    desk.seal(4)
    desk.tick(1000, times=3, reading=Reading.BEHIND)
    assert desk.log.events == []
    desk.frames(0, 1, 2, 3)
    desk.tick(times=3)
    assert desk.counts() == (4, 4, 0, 0, 0)


def test_a_session_that_another_worker_reads_is_left_alone(desk: Desk) -> None:
    desk.seal(4)
    desk.tick(1000, times=3, reading=Reading.NOT_OURS)
    assert desk.log.events == []


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


def test_unknown_sessions_and_geometries_are_refused(desk: Desk) -> None:
    strange = StreamId(TenantId("clinic"), SessionId("other"), SourceId("probe"))
    for meta, reason in [
        (exam.meta(0, stream=strange), RejectReason.UNKNOWN_SESSION),
        (exam.meta(0, geometry_id=7), RejectReason.UNKNOWN_GEOMETRY),
        (exam.meta(0, stream=replace(exam.STREAM, source=SourceId("camera"))), RejectReason.UNKNOWN_GEOMETRY),
    ]:
        with pytest.raises(Refused) as caught:
            desk.archive.geometry(meta.head)
        assert caught.value.reason == reason


def test_an_erased_identity_ends_the_archiving_of_its_session(desk: Desk) -> None:
    desk.frames(0, 1)
    desk.archive.erased("clinic", "exam-1")
    with pytest.raises(Refused):
        desk.archive.geometry(exam.meta(2).head)
    desk.tick(1000)
    assert (desk.store.objects, desk.spool.kept) == ({}, {})


def test_a_geometry_change_makes_instances_of_each_geometry(desk: Desk) -> None:
    other = PixelFormat(64, 64, 3, 8, 0)
    desk.tell(exam.geometry(other, 1))
    desk.frames(0, 1)
    desk.frames(2, 3, pixels=other, geometry_id=1)
    desk.seal(4)
    desk.tick(times=3)
    assert desk.counts() == (4, 4, 0, 0, 0)
    assert read_back(desk.store, desk.of(LedgerEntry)).stored == 4
    assert len([key for key in desk.store.objects if key.endswith(".dcm")]) == 2


def test_a_second_run_changes_nothing(desk: Desk) -> None:
    def run(on: Desk) -> None:
        on.frames(0, 1, 3)
        on.frame(2, **FILLED)
        on.frames(4, 5, 7, **LATER)
        on.frame(2, revision=1)
        on.seal(8)
        on.tick(1, times=3)
        on.tick(SETTINGS.drain_s, times=3)

    run(desk)
    before = dict(desk.store.objects)
    again = Desk(desk.store).open()
    for event in desk.log.events:
        if not hasattr(event, "station"):
            again.tell(event)
    run(again)
    assert desk.store.objects == before
    assert again.log.events == []
    from_nothing = Desk(desk.store).open()  # even where the ledger was lost
    run(from_nothing)
    assert desk.store.objects == before


def test_a_ledger_read_in_any_order_is_the_same_ledger(desk: Desk) -> None:
    desk.frames(*range(4))
    desk.seal(4)
    desk.tick(times=3)
    desk.frame(5)
    for order in (desk.log.events, desk.log.events[::-1]):
        again = Desk(desk.store).open()
        again.seal(4)
        for event in order:
            if not hasattr(event, "station"):
                again.tell(event)
        again.tick(1000, times=3)
        assert again.log.events == []


def test_frames_of_a_lost_partition_are_let_go(desk: Desk) -> None:
    desk.frames(0, 1)
    desk.frame(2, **FILLED)
    desk.do(desk.archive.lose(1))
    assert len(list(desk.archive.held())) == 3
    desk.do(desk.archive.lose(0))
    assert (list(desk.archive.held()), desk.spool.kept) == ([], {})


def test_where_too_much_waits_the_largest_range_is_closed_early(desk: Desk) -> None:
    desk.archive.held_max_bytes = 3 * len(exam.coded(exam.COLOUR, 0))
    desk.frames(0, 1, 2)
    desk.frame(5)
    desk.tick()
    assert desk.entries("stored") == [(0, 2)]


def test_open_sessions_are_counted(desk: Desk) -> None:
    assert desk.archive.open_sessions == 1
    desk.seal(0)
    desk.tick(times=2)
    assert desk.archive.open_sessions == 0


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
