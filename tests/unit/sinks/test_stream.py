"""Which frames go together, run over a store, a log and a spool in memory."""

from typing import Any

import pytest

from huizhen.schemas.events import LedgerEntry
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.reasons import TileState
from huizhen.schemas.record import TileOrigin
from huizhen.sinks.ranges import LINGER_NS, STILL_S
from huizhen.sinks.verify import read_back
from tests.unit.sinks import exam
from tests.unit.sinks.desk import Desk

FILLED: dict[str, Any] = {
    "exact": False, "tiles": (TileOrigin(TileState.TRUE), *[TileOrigin(TileState.BASE, 1, 2.0)] * 3),
}  # fmt: skip
LATER: dict[str, Any] = {"captured_at_ns": exam.START_NS + 10 * LINGER_NS}


@pytest.fixture
def desk() -> Desk:
    return Desk().open()


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
