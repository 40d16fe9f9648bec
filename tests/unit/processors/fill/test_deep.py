import numpy as np
import pytest

from huizhen.processors.fill.deep import RIM, double, fit_to_rim, halve, membrane, rim


def test_halving_averages_what_is_known() -> None:
    values = np.array([[1, 3, 9], [5, 99, 9], [4, 8, 2]], np.float32)
    known = np.array([[1, 1, 0], [1, 0, 1], [0, 0, 1]], np.bool_)
    half, half_known = halve(values, known)
    assert half_known.tolist() == [[True, True], [False, True]]
    assert half[0, 0] == 3
    assert half[1, 1] == 2


@pytest.mark.parametrize("shape", [(8, 8), (9, 8), (9, 7)])
def test_doubling_gives_the_size_back(shape: tuple[int, int]) -> None:
    values = np.full(shape, 5, np.float32)
    half, _ = halve(values, np.ones(shape, np.bool_))
    assert double(half, shape).shape == shape
    assert np.allclose(double(half, shape), 5)


def test_a_membrane_keeps_the_known_and_stays_between() -> None:
    rng = np.random.default_rng(1)
    values = rng.uniform(10, 20, (50, 70)).astype(np.float32)
    known = rng.random((50, 70)) < 0.1
    spread = membrane(values, known)
    assert np.array_equal(spread[known], values[known])
    assert spread.min() > 8
    assert spread.max() < 22
    assert not membrane(values, np.zeros((50, 70), np.bool_)).any()


def test_the_rim_is_known_and_near() -> None:
    hole = np.zeros((40, 40), np.bool_)
    hole[10:20, 10:20] = True
    known = ~hole
    known[:, 30:] = False
    around = rim(hole, known)
    assert around.sum() == (10 + 2 * RIM) ** 2 - 100
    assert not around[hole].any()


def test_an_offset_at_the_rim_is_taken_from_the_whole_hole() -> None:
    hole = np.zeros((40, 40), np.bool_)
    hole[10:26, 10:26] = True
    truth = np.full((40, 40), 80, np.float32)
    fitted = fit_to_rim(truth - 7, truth, ~hole, hole)
    assert np.abs(fitted[hole] - 80).max() < 0.5
