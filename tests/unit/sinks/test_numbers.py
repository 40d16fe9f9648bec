import pytest
from hypothesis import given
from hypothesis import strategies as st

from huizhen.sinks.numbers import Numbers, from_pairs, runs_of, union

RUNS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8)).map(lambda pair: (pair[0], sum(pair))), max_size=12)


@given(RUNS, st.integers(0, 70), st.integers(0, 70))
def test_it_is_a_set_of_numbers(runs: list[tuple[int, int]], first: int, stop: int) -> None:
    plain: set[int] = set()
    numbers = Numbers()
    for begin, last in runs:
        new = set(range(begin, last + 1)) - plain
        assert numbers.add(begin, last) == len(new)
        plain |= new
    assert list(numbers) == sorted(plain)
    assert len(numbers) == len(plain)
    assert numbers.runs() == runs_of(sorted(plain))
    gaps = [number for begin, last in numbers.gaps(first, stop) for number in range(begin, last + 1)]
    assert gaps == [number for number in range(first, stop) if number not in plain]
    assert numbers.within(first, stop) == len(plain & set(range(first, stop)))
    assert all((number in numbers) == (number in plain) for number in range(70))
    assert first > stop or numbers.touches(first, stop) == bool(plain & set(range(first, stop + 1)))


def test_an_hour_without_gaps_is_one_run() -> None:
    numbers = Numbers()
    for number in range(108_000):
        numbers.add(number)
    assert numbers.runs() == [(0, 107_999)]


def test_a_union_takes_all() -> None:
    assert union(Numbers([(0, 3)]), Numbers([(2, 5), (9, 9)])) == Numbers([(0, 5), (9, 9)])


def test_pairs_that_are_no_run_are_left_out() -> None:
    assert from_pairs([3, 5, 9, 7, -2, 1, 8]).runs() == [(3, 5)]


def test_an_empty_run_is_a_bug() -> None:
    with pytest.raises(ValueError, match="from 4 to 3"):
        Numbers().add(4, 3)
