"""Flags of frames and their counts."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from huizhen.api.marks import (
    ASSEMBLED,
    DERIVED,
    EXACT,
    FILLED,
    FRAMES_MAX,
    INCOMPLETE,
    MISSING,
    REJECTED,
    STORED,
    FrameMarks,
)  # fmt: skip


def test_stored_beats_rejected_beats_missing_and_derived_stands_beside() -> None:
    marks = FrameMarks()
    marks.add(0, 3, MISSING)
    marks.add(1, 3, REJECTED)
    marks.add(2, 3, STORED)
    marks.add(0, 0, DERIVED)
    counts = marks.counts()
    assert (counts.missing, counts.rejected, counts.stored, counts.derived) == (1, 1, 2, 1)


def test_a_frame_filled_once_stays_counted_when_it_becomes_exact() -> None:
    marks = FrameMarks()
    marks.add(0, 0, ASSEMBLED | FILLED)
    marks.add(0, 0, ASSEMBLED | EXACT)
    counts = marks.counts()
    assert (counts.assembled, counts.filled, counts.exact) == (1, 1, 1)


def test_an_incomplete_frame_that_is_assembled_later_is_incomplete_no_more() -> None:
    marks = FrameMarks()
    marks.add(0, 1, INCOMPLETE)
    marks.add(0, 0, ASSEMBLED)
    assert marks.counts().incomplete == 1


def test_what_is_stored_was_assembled_even_if_nobody_saw_its_verdict() -> None:
    marks = FrameMarks()
    marks.add(0, 127, STORED)
    assert (marks.counts().assembled, marks.counts().exact) == (128, 128)


def test_numbers_beyond_the_limit_cost_nothing() -> None:
    marks = FrameMarks()
    marks.add(FRAMES_MAX, FRAMES_MAX + 5, STORED)
    marks.add(1 << 60, 1 << 60, STORED)
    assert marks.counts().stored == 0


FLAGS = st.sampled_from([1 << bit for bit in range(8)])
ADDS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12), FLAGS), max_size=30)


@given(ADDS)
def test_counts_are_those_of_a_recount_in_any_order_and_twice(adds: list[tuple[int, int, int]]) -> None:
    marks, flags = FrameMarks(), Counter[int]()
    for first, length, flag in [*adds, *reversed(adds)]:
        marks.add(first, first + length, flag)
        for number in range(first, first + length + 1):
            flags[number] |= flag
    counts = marks.counts()
    assert counts.stored == sum(bool(value & STORED) for value in flags.values())
    assert counts.filled == sum(bool(value & FILLED) for value in flags.values())
    assert counts.missing == sum(bool(value & MISSING and not value & (STORED | REJECTED)) for value in flags.values())
    assert counts.assembled == sum(bool(value & (ASSEMBLED | STORED)) for value in flags.values())
