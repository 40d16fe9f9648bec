import hashlib
import itertools
from typing import Any

import pytest

from huizhen.schemas.events import Progress, SealedSource
from huizhen.schemas.ranges import Ranges
from huizhen.sinks.seal import (
    ASK_FRAMES_MAX,
    ASK_RUNS_MAX,
    ASK_WAIT_MAX_S,
    Asking,
    Extent,
    explain,
    extent_of,
    journal_digest,
)

HUGE = (1 << 63) - 1


def progress(captured: int, **more: Any) -> Progress:
    return Progress("t", "s", "probe", 1, 5, captured, "", **more)


@pytest.mark.parametrize(
    ("sealed", "said", "seen", "frames"),
    [
        (None, None, 7, 7),
        (None, progress(9), 7, 9),
        (None, progress(3), 7, 7),
        (SealedSource("probe", 5, ""), progress(9), 7, 5),
    ],
)
def test_the_extent_is_the_seals_else_the_largest_number_known(
    sealed: SealedSource | None, said: Progress | None, seen: int, frames: int
) -> None:
    assert extent_of(sealed, said, seen).frames == frames


def test_what_was_dropped_is_known_from_seal_and_progress_and_ends_with_the_frames() -> None:
    sealed = SealedSource("probe", 10, "", dropped=[2, 3, 8, 20], drop_reason="spool_full")
    assert extent_of(sealed, progress(10, dropped=[5, 5]), 0).dropped.pairs() == [(2, 3), (5, 5), (8, 9)]
    assert extent_of(None, progress(6, dropped=[4, 9]), 0).dropped.pairs() == [(4, 5)]


def test_missing_frames_have_the_reason_that_is_known() -> None:
    extent = Extent(20, Ranges([(5, 8)]), "source_dropped")
    assert explain([(3, 6), (8, 9)], extent) == [
        ((3, 4), "unexplained"), ((5, 6), "source_dropped"), ((8, 8), "source_dropped"), ((9, 9), "unexplained"),
    ]  # fmt: skip
    assert explain([(5, 5)], Extent(20, Ranges([(5, 8)]), "no reason of the list")) == [((5, 5), "spool_full")]


def test_the_journals_digest_rolls_over_what_was_journalled() -> None:
    digests = {number: bytes([number]) * 32 for number in (0, 1, 3)}
    expected = bytes(32)
    for number in (0, 1, 3):
        expected = hashlib.sha256(expected + number.to_bytes(8, "big") + digests[number]).digest()
    assert journal_digest(digests, 4, Ranges([(2, 2)])) == expected.hex()
    assert journal_digest(digests, 5, Ranges([(2, 2)])) is None
    assert journal_digest({}, 0, Ranges()) == bytes(32).hex()
    assert journal_digest({}, HUGE, Ranges()) is None


def live(asking: Asking, seconds: float, rate: int = 30, start: float = 0.0, behind: int = 0) -> int:
    """Let a stream run; give what is overdue at its end."""
    overdue = 0
    for tick in range(int(seconds * 4) + 1):
        now = start + tick / 4
        seen = int(now * rate)
        asking.came(seen, now)
        overdue = asking.overdue(Extent(seen + 5, behind=behind), seen, now)
    return overdue


def test_frames_are_overdue_when_the_stream_left_them_behind_long_enough_ago() -> None:
    assert live(Asking(2.0), 1.75) == 0
    assert 30 * 7 <= live(Asking(2.0), 10) <= 30 * 8


def test_a_station_that_is_behind_is_given_longer() -> None:
    assert live(Asking(2.0), 9, behind=4) == 0
    assert 30 * 8 <= live(Asking(2.0), 20, behind=4) <= 30 * 10


def test_the_tail_is_overdue_when_the_stream_stands_still() -> None:
    asking = Asking(2.0)
    live(asking, 10)
    assert asking.overdue(Extent(500), 300, 11.9) < 300
    assert asking.overdue(Extent(500), 300, 12.0) == 500


def test_a_source_of_which_nothing_came_is_given_its_time() -> None:
    asking = Asking(2.0)
    assert [asking.overdue(Extent(9), 0, now) for now in (100.0, 101.9, 102.0)] == [0, 0, 9]


def test_where_late_frames_come_later_patience_grows_with_them() -> None:
    asking = Asking(2.0)
    live(asking, 20)
    for number in range(60):
        asking.came(number * 5, 20.0)
    assert 10 < asking.patience_s(Extent(600)) <= 30
    fresh = Asking(2.0)
    live(fresh, 20)
    fresh.came(590, 20.0)
    assert fresh.patience_s(Extent(600)) == 2.0


def test_what_was_asked_is_asked_again_at_doubling_intervals() -> None:
    asking = Asking(2.0)
    times = [second for second in range(200) if asking.ask([(3, 4)], second)]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert gaps[:5] == [2, 4, 8, 16, 30]
    assert set(gaps[5:]) == {int(ASK_WAIT_MAX_S)}


def test_newly_missing_frames_are_asked_for_without_asking_the_old_again() -> None:
    asking = Asking(2.0)
    assert asking.ask([(3, 4)], 0) == [(3, 4)]
    assert asking.ask([(3, 4)], 2) == [(3, 4)]
    assert asking.ask([(3, 4), (9, 9)], 4) == [(9, 9)]
    assert asking.ask([(9, 9)], 5) == []
    assert asking.ask([], 6) == []


def test_a_round_is_bounded_whatever_is_missing() -> None:
    assert Asking(2.0).ask([(0, HUGE)], 0) == [(0, ASK_FRAMES_MAX - 1)]
    every_other = [(number, number) for number in range(0, 1000, 2)]
    assert len(Asking(2.0).ask(every_other, 0)) == ASK_RUNS_MAX


def test_an_outages_frames_are_asked_for_piece_by_piece() -> None:
    asking = Asking(2.0)
    assert [asking.ask([(0, 9999)], now) for now in (0, 1, 2)] == [[(0, 255)], [], [(0, 255)]]
    assert asking.ask([(256, 9999)], 4) == [(256, 511)]
