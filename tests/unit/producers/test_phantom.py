"""The phantom is the same every time, moves, and looks like what it stands for."""

import numpy as np
import pytest

from huizhen.producers.phantom import BOLUS_S, make_phantom, phantom_frame

RATE_HZ = 15.0


@pytest.mark.parametrize("shape", [(128, 192), (64, 64)])
def test_frames_are_twelve_bits_wide_and_the_same_again(shape: tuple[int, int]) -> None:
    for index in (0, 7, 31):
        one = phantom_frame(make_phantom(*shape, seed=3), index, RATE_HZ)
        two = phantom_frame(make_phantom(*shape, seed=3), index, RATE_HZ)
        np.testing.assert_array_equal(one, two)
        assert (one.shape, one.dtype) == (shape, np.dtype(np.uint16))
        assert one.max() < 4096
        assert one.max() > 2500  # more than 8 bits are used


def test_another_seed_draws_other_vessels() -> None:
    one, two = make_phantom(128, 128, 1), make_phantom(128, 128, 2)
    assert (one.depth != two.depth).mean() > 0.02


def test_contrast_fills_the_vessels_and_leaves_them() -> None:
    phantom = make_phantom(128, 128, 1)
    vessel = phantom.depth > 600
    means = [phantom_frame(phantom, index, RATE_HZ)[vessel].mean() for index in range(int(BOLUS_S * RATE_HZ))]
    assert min(means) < means[0] - 500
    assert means[-1] > min(means) + 200


def test_the_catheter_moves_and_noise_never_rests() -> None:
    phantom = make_phantom(128, 128, 1)
    one, two = phantom_frame(phantom, 1, RATE_HZ), phantom_frame(phantom, 2, RATE_HZ)
    assert (one != two).mean() > 0.9
    dark = (one < 1100) != (two < 1100)
    assert dark.sum() > 10
