import numpy as np
import pytest
from numpy.typing import NDArray

from huizhen.processors.fill import motion
from huizhen.processors.fill.lifting import analyse, to_planes
from huizhen.processors.fill.tile import Box

BOX = Box(64, 64, 128, 128)


def scene() -> NDArray[np.uint8]:
    """Blobs of many sizes: every displacement looks different."""
    rng = np.random.default_rng(5)
    coarse = np.kron(rng.integers(0, 120, (12, 12)), np.ones((16, 16)))
    return (coarse + np.kron(rng.integers(0, 120, (48, 48)), np.ones((4, 4)))).astype(np.uint8)


def low_of(frame: NDArray[np.uint8], discard: int = 2) -> NDArray[np.int32]:
    low: NDArray[np.int32] = analyse(to_planes(frame[BOX.slices]), discard)[0][0]
    return low


@pytest.mark.parametrize("moved", [(1, 0), (0, 2), (2, 1), (4, -4), (5, -6), (-8, 7), (-12, 12)])
def test_a_displacement_is_found_to_the_pixel(moved: tuple[int, int]) -> None:
    frame = scene()
    previous = np.roll(frame, moved, (0, 1))
    assert motion.seems_moved(low_of(frame), low_of(previous))
    found = motion.find(low_of(frame).astype(np.float32), previous, BOX, 2)
    assert found == moved
    assert np.array_equal(previous[found.move(BOX).slices], frame[BOX.slices])


def test_a_still_scene_stands_still() -> None:
    frame = scene()
    grain = (frame + np.random.default_rng(1).integers(0, 6, frame.shape)).astype(np.uint8)
    assert not motion.seems_moved(low_of(grain), low_of(frame))
    assert motion.find(low_of(frame).astype(np.float32), frame, BOX, 2) == motion.STILL


def test_another_scene_is_not_searched_for() -> None:
    other = np.random.default_rng(9).integers(0, 255, (192, 192)).astype(np.uint8)
    assert motion.find(low_of(scene()).astype(np.float32), other, BOX, 2) == motion.STILL


@pytest.mark.parametrize("box", [Box(0, 0, 64, 64), Box(128, 128, 192, 192)])
def test_the_search_stays_inside_the_frame(box: Box) -> None:
    frame = scene()
    previous = np.roll(frame, (-3, -3) if box.top else (3, 3), (0, 1))
    low = analyse(to_planes(frame[box.slices]), 2)[0][0].astype(np.float32)
    moved = motion.find(low, previous, box, 2).move(box)
    assert moved.top >= 0
    assert moved.bottom <= 192


def test_smoothing_is_the_wavelets_own_low_pass() -> None:
    frame = scene()
    smoothed = motion.smooth(frame.astype(np.float32), 2)
    low = analyse(to_planes(frame), 2)[0][0]
    assert np.abs(smoothed[::4, ::4] - low)[4:-4, 4:-4].max() < 3  # the wavelet rounds at every step
