import numpy as np
import pytest
from numpy.typing import NDArray

from huizhen.processors.fill.recall import SEARCH, Earlier, recall
from huizhen.processors.fill.ring import WHOLE, inside, ring

TOP, LEFT, SIDE = 40, 48, 16


def scene() -> NDArray[np.uint8]:
    rng = np.random.default_rng(4)
    return np.kron(rng.integers(0, 255, (24, 24)), np.ones((4, 4))).astype(np.uint8)


def remembered(now: NDArray[np.uint8], before: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    earlier = Earlier.of(before, 1.0)
    tops, lefts = np.array([TOP]), np.array([LEFT])
    places = ring(SIDE, WHOLE)
    seen = now[TOP + places.rows, LEFT + places.columns][None].astype(np.float32)
    ring_at, hole_at = (earlier.places(tops, lefts, part) for part in (places, inside(SIDE)))
    return recall(earlier, ring_at, hole_at, seen)


def truth(now: NDArray[np.uint8]) -> NDArray[np.float32]:
    return now[TOP : TOP + SIDE, LEFT : LEFT + SIDE].reshape(1, -1).astype(np.float32)


def test_a_still_hole_is_remembered_exactly() -> None:
    before, change = remembered(scene(), scene())
    assert np.array_equal(before, truth(scene()))
    assert not change.any()


@pytest.mark.parametrize("moved", [(2, 0), (0, -3), (SEARCH, -SEARCH), (1, 1)])
def test_a_moved_hole_is_found_by_its_ring(moved: tuple[int, int]) -> None:
    before, change = remembered(scene(), np.roll(scene(), moved, (0, 1)))
    assert np.abs(before - truth(scene())).mean() < 1
    assert np.square(change).mean() < 1


def test_brighter_everywhere_shows_at_the_ring() -> None:
    darker = (scene() // 2).astype(np.uint8)
    brighter = (darker + 20).astype(np.uint8)
    before, change = remembered(brighter, darker)
    assert change.mean() == pytest.approx(20, abs=8)
    assert before.shape == (1, SIDE * SIDE)


def test_a_hole_at_the_frames_corner_reads_repeated_pixels() -> None:
    earlier = Earlier.of(np.full((20, 20), 9, np.uint8), 1.0)
    corner = earlier.places(np.array([0]), np.array([0]), ring(SIDE, WHOLE))
    assert (earlier.read(corner) == 9).all()
    assert earlier.frame.shape == (20, 20)
