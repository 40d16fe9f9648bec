import numpy as np

from huizhen.processors.fill import Box, LostDetail, Method, SampleFormat
from huizhen.processors.fill.lifting import analyse, from_planes, to_planes
from huizhen.processors.plain import fill_plainly
from tests.exam import moving


def lost(pixels: np.ndarray, discard: int = 2) -> LostDetail:
    low, _ = analyse(to_planes(pixels), discard)
    return LostDetail(Box(0, 0, *pixels.shape[:2]), from_planes(low), discard)


def test_the_low_pass_of_what_was_filled_is_the_one_that_came() -> None:
    tile = lost(moving(1)[:64, :64] // 2 + 60)
    (filled,) = fill_plainly([tile], SampleFormat(8))
    assert filled.provenance.clipped == 0
    assert np.array_equal(analyse(to_planes(filled.pixels), 2)[0], to_planes(tile.low))


def test_it_is_said_to_come_from_the_base_with_an_expected_error() -> None:
    flat, busy = lost(np.full((64, 64), 90, np.uint8)), lost(moving(1)[:64, :64])
    plain, rich = fill_plainly([flat, busy], SampleFormat(8))
    assert plain.provenance.method is Method.BASE
    assert plain.provenance.expected_error == 0.0
    assert rich.provenance.expected_error > 1.0
    assert np.all(plain.pixels == 90)


def test_colour_and_signed_samples_keep_their_type() -> None:
    colour = np.stack([moving(1), moving(2), moving(3)], axis=2)[:32, :64]
    (filled,) = fill_plainly([lost(colour)], SampleFormat(8, channels=3))
    assert filled.pixels.shape == (32, 64, 3)
    assert filled.pixels.dtype == np.dtype(np.uint8)
    signed = moving(1)[:32, :32].astype(np.int16) - 100
    (filled,) = fill_plainly([lost(signed)], SampleFormat(12, signed=True))
    assert filled.pixels.min() < 0
