import numpy as np
import pytest

from huizhen.processors.fill.lifting import analyse, from_planes, synthesise, to_planes, zero_detail
from huizhen.schemas import htj2k

SHAPES = [(1, 1), (1, 7), (8, 1), (2, 2), (3, 5), (97, 61), (128, 96), (45, 77, 3), (64, 64, 3)]


def noise(shape: tuple[int, ...], bits: int, signed: bool, seed: int = 1) -> np.ndarray:
    low = -(1 << (bits - 1)) if signed else 0
    values = np.random.default_rng(seed).integers(low, low + (1 << bits), shape)
    return values.astype(np.int16 if signed else np.uint8 if bits == 8 else np.uint16)


@pytest.mark.parametrize("shape", SHAPES)
def test_colour_and_wavelet_give_the_pixels_back(shape: tuple[int, ...]) -> None:
    pixels = noise(shape, 16, False)
    low, details = analyse(to_planes(pixels), 3)
    assert np.array_equal(from_planes(synthesise(low, details)), pixels)


@pytest.mark.parametrize("discard", [1, 2, 3])
@pytest.mark.parametrize(
    ("bits", "signed"), [(8, False), (12, False), (12, True), (15, False), (16, False), (16, True)]
)
@pytest.mark.parametrize("shape", SHAPES)
def test_low_pass_is_what_the_decoder_gives_at_reduced_size(
    shape: tuple[int, ...], bits: int, signed: bool, discard: int
) -> None:
    pixels = noise(shape, bits, signed)
    decoded = htj2k.decode_low(htj2k.encode(pixels, bits, signed, 128), discard)
    low, _ = analyse(to_planes(pixels), discard)
    assert np.array_equal(from_planes(low), decoded)


@pytest.mark.parametrize("shape", SHAPES)
def test_zero_detail_is_synthesis_of_zero_bands(shape: tuple[int, ...]) -> None:
    low, details = analyse(to_planes(noise(shape, 12, False)), 2)
    nothing = [type(detail)(*(np.zeros_like(band) for band in detail)) for detail in details]
    expected = synthesise(low, nothing)
    assert np.array_equal(zero_detail(low, shape[0], shape[1], 2), expected)


@pytest.mark.parametrize("shape", SHAPES)
def test_any_detail_keeps_the_low_pass(shape: tuple[int, ...]) -> None:
    low, details = analyse(to_planes(noise(shape, 12, False)), 2)
    _, others = analyse(to_planes(noise(shape, 12, False, seed=2)), 2)
    again, _ = analyse(synthesise(low, others), 2)
    assert np.array_equal(again, low)
    assert details[0].hl.shape == others[0].hl.shape
