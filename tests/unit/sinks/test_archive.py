"""The archive's decisions, run over a store, a log and a spool in memory."""

from dataclasses import replace
from typing import Any

import pytest

from huizhen.schemas.errors import Refused
from huizhen.schemas.events import LedgerEntry
from huizhen.schemas.ids import SessionId, SourceId, StreamId, TenantId
from huizhen.schemas.reasons import RejectReason, TileState
from huizhen.schemas.record import TileOrigin
from huizhen.sinks.archive import Reading
from huizhen.sinks.ranges import LINGER_NS
from tests.unit.sinks import exam
from tests.unit.sinks.desk import SETTINGS, Desk

FILLED: dict[str, Any] = {
    "exact": False, "tiles": (TileOrigin(TileState.TRUE), *[TileOrigin(TileState.BASE, 1, 2.0)] * 3),
}  # fmt: skip
LATER: dict[str, Any] = {"captured_at_ns": exam.START_NS + 10 * LINGER_NS}


@pytest.fixture
def desk() -> Desk:
    return Desk().open()


def test_a_frame_its_station_could_not_read_is_rejected_with_the_place_of_its_bytes(desk: Desk) -> None:
    for _ in range(2):
        head = exam.meta(1).head
        place = ("huizhen.clinic.rejected", 2, 9)
        desk.do(desk.archive.reject_at_station(head, RejectReason.BAD_DICOM, place, desk.now))
    (entry,) = desk.of(LedgerEntry)
    assert (entry.outcome, entry.reason, entry.first) == ("rejected", "bad_dicom", 1)
    assert (entry.topic, entry.partition, entry.offset) == ("huizhen.clinic.rejected", 2, 9)


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


def test_a_second_run_changes_nothing(desk: Desk) -> None:
    def run(on: Desk) -> None:
        on.frames(0, 1, 3)
        on.frame(2, **FILLED)
        on.frames(4, 5, 7, **LATER)
        on.frame(6, **FILLED)
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
