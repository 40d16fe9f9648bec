"""Frames as differences from whole ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huizhen.producers.delta import HEAD_BYTES, Bases, apply_delta, base_of
from huizhen.schemas.errors import BadCodestream
from tests.unit.producers.streams import coded

STILL = (0,) * 9
WHOLE = coded(STILL)


def changed(*tiles: int) -> tuple[int, ...]:
    return tuple(7 if tile in tiles else 0 for tile in range(9))


def bases() -> Bases:
    made = Bases()
    made.whole(5, WHOLE)
    return made


@given(st.frozensets(st.integers(0, 8), max_size=4))
def test_a_difference_and_its_base_are_the_frame(tiles: frozenset[int]) -> None:
    frame = coded(changed(*tiles))
    delta = bases().delta(frame)
    assert delta is not None
    assert (delta.base, base_of(delta.payload)) == (5, 5)
    assert apply_delta(WHOLE.stream, delta.payload) == frame.stream


def test_a_still_frame_costs_a_few_bytes() -> None:
    delta = bases().delta(WHOLE)
    assert delta is not None
    assert len(delta.payload) == HEAD_BYTES


def test_a_frame_that_changed_much_is_journalled_whole() -> None:
    assert bases().delta(coded(changed(*range(7)))) is None


def test_without_a_whole_frame_there_is_no_difference() -> None:
    assert Bases().delta(WHOLE) is None


def test_a_whole_frame_leans_on_none() -> None:
    assert base_of(WHOLE.stream) is None
    assert base_of(b"") is None


def test_a_difference_with_half_a_tile_is_bad() -> None:
    delta = bases().delta(coded(changed(1)))
    assert delta is not None
    with pytest.raises(BadCodestream):
        apply_delta(WHOLE.stream, delta.payload[:-1])
    parts = coded(changed(1)).tiles[1]
    with pytest.raises(BadCodestream, match="not complete"):
        apply_delta(WHOLE.stream, delta.payload[: -len(parts[-1])])
