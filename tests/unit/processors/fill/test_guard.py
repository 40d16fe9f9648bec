import numpy as np
import pytest
from numpy.typing import NDArray

from huizhen.processors.fill.guard import Guard, find_trials, weigh
from huizhen.processors.fill.plane import Plane, Squares
from huizhen.processors.fill.recall import Earlier
from huizhen.processors.fill.ring import WHOLE, ring
from huizhen.processors.fill.wave import Wave

SQUARES = Squares(16, np.array([48, 96, 144]), np.array([48, 112, 160]))


def plane(values: NDArray[np.floating], earlier: NDArray[np.floating] | None = None) -> Plane:
    known = np.ones(values.shape, np.bool_)
    for top, left in zip(SQUARES.tops, SQUARES.lefts, strict=True):
        known[top : top + 16, left : left + 16] = False
    return Plane(values.astype(np.float32), known, 1.0, None if earlier is None else Earlier.of(earlier, 1.0))


def try_bank(one: Plane, squares: Squares) -> Guard:
    trials = find_trials(one, squares)
    rings = one.gather(trials, ring(squares.side, WHOLE))
    return weigh(one, trials, Wave.of(squares.side, np.full(len(trials), WHOLE), rings))


def smooth() -> NDArray[np.float64]:
    y, x = np.mgrid[:224, :224]
    return np.asarray(120 + 60 * np.sin(y / 25) * np.cos(x / 31), np.float64)


def noise(seed: int = 1) -> NDArray[np.float64]:
    return np.random.default_rng(seed).integers(0, 256, (224, 224)).astype(np.float64)


def test_a_smooth_picture_is_left_to_the_bank() -> None:
    guard = try_bank(plane(smooth()), SQUARES)
    assert guard.bank > 0.8
    assert guard.level < Guard().level


def test_noise_is_filled_with_the_mean() -> None:
    guard = try_bank(plane(noise()), SQUARES)
    assert guard.bank + guard.nearest < 0.5


def test_blotches_are_filled_with_the_nearest_pixels_of_the_ring() -> None:
    blotches = np.kron(np.random.default_rng(4).integers(0, 2, (32, 32)) * 255.0, np.ones((7, 7)))
    guard = try_bank(plane(blotches), SQUARES)
    assert guard.nearest > guard.bank


def test_shares_are_a_convex_mix() -> None:
    for values in (smooth(), noise(), smooth() + noise() / 4):
        guard = try_bank(plane(values), SQUARES)
        assert -1e-6 <= guard.bank <= 1
        assert 0 <= guard.nearest <= 1 - guard.bank + 1e-6


def test_nothing_known_nearby_means_the_bank_alone() -> None:
    one = plane(smooth())
    one.known[...] = False
    assert try_bank(one, SQUARES) == Guard()


@pytest.mark.parametrize("same", [True, False])
def test_memory_is_trusted_as_far_as_it_was_right(same: bool) -> None:
    guard = try_bank(plane(noise(), noise() if same else noise(2)), SQUARES)
    stale = try_bank(plane(smooth(), smooth() + noise(3) / 2), SQUARES)
    assert guard.recall <= 1.5
    assert 0 <= stale.change <= 1
