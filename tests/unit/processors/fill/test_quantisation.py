import numpy as np
import pytest
from numpy.typing import NDArray

from huizhen.processors.fill.quantisation import quantise, smooth_in_cells
from huizhen.processors.fill.samples import BadFillInput

STEPS = np.add.outer(np.arange(8), np.arange(8)) * 6 + 12


def edge() -> NDArray[np.float32]:
    y, x = np.mgrid[:64, :96]
    return np.asarray(90 + 80 / (1 + np.exp(-(y - 0.6 * x) / 3)), np.float32)


@pytest.mark.parametrize("rounds", [0, 1, 3])
@pytest.mark.parametrize("seed", [0, 1])
def test_result_requantises_to_exactly_the_coded_coefficients(rounds: int, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 20 * seed, (64, 96)).astype(np.float32)
    coded = quantise(edge() + noise, STEPS)
    assert np.array_equal(quantise(smooth_in_cells(coded, STEPS, rounds), STEPS), coded)


def test_an_edge_comes_nearer_to_the_truth() -> None:
    coded = quantise(edge(), STEPS)
    plain, smoothed = (np.square(smooth_in_cells(coded, STEPS, rounds) - edge()).mean() for rounds in (0, 1))
    assert smoothed < 0.8 * plain


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(BadFillInput, match="multiples of 8"):
        quantise(np.zeros((9, 8), np.float32), STEPS)
    with pytest.raises(BadFillInput, match="64 steps"):
        smooth_in_cells(np.zeros((1, 1, 64), np.int32), STEPS[:4])
    with pytest.raises(BadFillInput, match="are needed"):
        smooth_in_cells(np.zeros((8, 8), np.int32), STEPS)
