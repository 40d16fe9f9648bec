import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huizhen.processors.fill.cover import SIDES, cover


def covered(missing: np.ndarray, allow_deep: bool = True) -> np.ndarray:
    """How often each pixel is covered."""
    found = cover(missing, allow_deep)
    times = np.zeros(missing.shape, int)
    for squares in found.squares:
        for top, left in zip(squares.tops, squares.lefts, strict=True):
            times[top : top + squares.side, left : left + squares.side] += 1
    for mask in (found.deep, found.ragged):
        if mask is not None:
            times += mask
    return times


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("at", [(0, 0), (8, 16), (13, 27), (64, 64)])
def test_a_square_is_taken_as_it_is_wherever_it_lies(side: int, at: tuple[int, int]) -> None:
    missing = np.zeros((96, 96), np.bool_)
    missing[at[0] : at[0] + side, at[1] : at[1] + side] = True
    found = cover(missing)
    (squares,) = found.squares
    assert (squares.side, squares.tops.tolist(), squares.lefts.tolist()) == (side, [at[0]], [at[1]])
    assert found.deep is None
    assert found.ragged is None


def test_squares_of_32_side_by_side_are_deep_unless_there_is_a_memory() -> None:
    missing = np.zeros((128, 128), np.bool_)
    missing[32:96, 32:96] = True
    deep = cover(missing)
    assert deep.deep is not None
    assert np.array_equal(deep.deep, missing)
    assert deep.squares == []
    remembered = cover(missing, allow_deep=False)
    assert remembered.deep is None
    assert [len(squares) for squares in remembered.squares] == [4]


def test_two_squares_of_32_are_filled_one_by_one() -> None:
    missing = np.zeros((128, 128), np.bool_)
    missing[32:64, 32:96] = True
    found = cover(missing)
    assert found.deep is None
    assert [(squares.side, len(squares)) for squares in found.squares] == [(32, 2)]


def test_other_shapes_are_ragged() -> None:
    missing = np.zeros((64, 64), np.bool_)
    missing[5:12, 20:50] = True
    found = cover(missing)
    assert found.squares == []
    assert found.ragged is not None
    assert np.array_equal(found.ragged, missing)


def test_nothing_missing_needs_no_cover() -> None:
    found = cover(np.zeros((64, 64), np.bool_))
    assert (found.squares, found.deep, found.ragged) == ([], None, None)


@pytest.mark.parametrize("shape", [(9, 33), (15, 32), (64, 72), (16, 16), (24, 24), (25, 32)])
def test_frames_that_cut_the_grid_off_are_covered(shape: tuple[int, int]) -> None:
    missing = np.ones(shape, np.bool_)
    missing[: shape[0] - 8, : shape[1] - 8] = False
    assert (covered(missing)[missing] > 0).all()
    assert (covered(np.ones(shape, np.bool_)) > 0).all()


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 999), st.sampled_from(["noise", "blocks", "boxes"]))
def test_every_missing_pixel_is_covered(rows: int, columns: int, seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    missing = rng.random((rows, columns)) < 0.4
    if kind == "blocks":
        coarse = rng.random((-(-rows // 8), -(-columns // 8))) < 0.3
        missing = np.kron(coarse, np.ones((8, 8), np.bool_)).astype(np.bool_)[:rows, :columns]
    elif kind == "boxes":
        missing = np.zeros((rows, columns), np.bool_)
        for _ in range(4):
            top, left, height, width = (int(n) for n in rng.integers(0, (rows, columns, 40, 40)))
            missing[top : top + height, left : left + width] = True
    for allow_deep in (True, False):
        assert (covered(missing, allow_deep)[missing] > 0).all()
