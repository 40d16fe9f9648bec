import numpy as np
import pytest

from huizhen.processors.fill.plate import lay_plate


def slope() -> np.ndarray:
    y, x = np.mgrid[:60, :80]
    return np.asarray(20 + 1.5 * x - 0.5 * y, np.float32)


def hole() -> np.ndarray:
    known = np.ones((60, 80), np.bool_)
    known[20:37, 30:52] = False
    return known


def test_a_plane_is_continued_exactly() -> None:
    filled = lay_plate(np.where(hole(), slope(), 0).astype(np.float32), hole())
    assert np.abs(filled - slope()).max() < 1.5


def test_known_values_stay() -> None:
    values = np.random.default_rng(1).normal(100, 30, (60, 80)).astype(np.float32)
    filled = lay_plate(values, hole())
    assert np.array_equal(filled[hole()], values[hole()])
    assert lay_plate(values, np.ones((60, 80), np.bool_)) is values


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (5, 4), (33, 17)])
def test_one_known_pixel_fills_everything(shape: tuple[int, int]) -> None:
    known = np.zeros(shape, np.bool_)
    known[0, 0] = True
    filled = lay_plate(np.where(known, 7, 900).astype(np.float32), known)
    assert np.allclose(filled, 7, atol=0.05)


def test_unknown_values_do_not_matter() -> None:
    first, second = (lay_plate(np.where(hole(), slope(), other).astype(np.float32), hole()) for other in (0, 1e4))
    assert np.array_equal(first, second)
