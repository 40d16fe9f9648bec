"""Ranges against a plain set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huizhen.schemas.ranges import Ranges, from_flat, runs_of, union

STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, 40), st.integers(0, 8)), max_size=30)


@given(STEPS)
def test_ranges_hold_what_a_set_holds(steps: list[tuple[bool, int, int]]) -> None:
    ranges, plain = Ranges(), set[int]()
    for adding, first, more in steps:
        numbers = set(range(first, first + more + 1))
        if adding:
            ranges.add(first, first + more)
            plain |= numbers
        else:
            ranges.discard(first, first + more)
            plain -= numbers
        assert list(ranges) == sorted(plain)
        assert len(ranges) == len(plain)
        assert all(right[0] - left[1] > 1 for left, right in zip(ranges.pairs(), ranges.pairs()[1:], strict=False))


@given(STEPS, st.integers(0, 50), st.integers(0, 5))
def test_covers_asks_for_every_number_and_meets_for_any(
    steps: list[tuple[bool, int, int]], first: int, more: int
) -> None:
    ranges = Ranges((low, low + extra) for _, low, extra in steps)
    asked = range(first, first + more + 1)
    assert ranges.covers(first, first + more) == all(n in set(ranges) for n in asked)
    assert ranges.meets(first, first + more) == any(n in set(ranges) for n in asked)
    assert list(ranges.within(first, first + more)) == [n for n in asked if n in set(ranges)]
    gaps = [number for begin, last in ranges.gaps(first, first + more + 1) for number in range(begin, last + 1)]
    assert gaps == [number for number in asked if number not in ranges]
    assert runs_of(ranges) == ranges.pairs()


def test_an_hour_of_backlog_is_one_pair() -> None:
    ranges = Ranges()
    for number in range(1000):
        ranges.add(number)
    assert ranges.pairs() == [(0, 999)]
    assert ranges.pop() == 0
    assert ranges.flat() == [1, 999]


def test_taking_all_leaves_an_empty_set() -> None:
    ranges = Ranges([(3, 4)])
    assert ranges.take_all() == Ranges([(3, 4)])
    assert not ranges
    with pytest.raises(IndexError):
        ranges.pop()


def test_without_and_update_are_set_operations() -> None:
    left = Ranges([(0, 9)]).without(Ranges([(3, 4), (9, 20)]))
    assert left.pairs() == [(0, 2), (5, 8)]
    left.update(Ranges([(3, 4)]))
    assert left.pairs() == [(0, 8)]


def test_nothing_is_within_nothing() -> None:
    assert not Ranges([(0, 3)]).within(0, -1)
    assert Ranges([(0, 3)]).gaps(5, 5) == []


def test_a_union_takes_all() -> None:
    assert union(Ranges([(0, 3)]), Ranges([(2, 5), (9, 9)])) == Ranges([(0, 5), (9, 9)])


def test_what_is_no_run_is_left_out() -> None:
    assert from_flat([3, 5, 9, 7, -2, 1, 8]).pairs() == [(3, 5)]
    assert from_flat(Ranges([(1, 2), (4, 9)]).flat()) == Ranges([(1, 2), (4, 9)])


def test_a_range_that_runs_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="backwards"):
        Ranges([(4, 3)])
