"""What the codecs do to samples when they are asked the wrong way, and that ours are not asked so."""

import imagecodecs
import jpeg_ls  # type: ignore[import-untyped]
import numpy as np
import pytest

from huizhen.schemas import htj2k


def dark(side: int) -> np.ndarray:
    """A 16-bit tile none of whose samples reaches 256, as the air around a patient gives."""
    return np.random.default_rng(side).integers(0, 200, (side, side)).astype(np.uint16)


@pytest.mark.parametrize("side", [64, 128])
def test_pyjpegls_takes_the_depth_of_a_dark_tile_from_its_samples(side: int) -> None:
    tile = dark(side)
    guessed = jpeg_ls.decode(np.frombuffer(jpeg_ls.encode_array(tile), np.uint8))
    assert guessed.dtype == np.uint8  # the trap: 16-bit samples coded as if they were bytes
    assert (guessed == tile).mean() < 0.5
    told = jpeg_ls.encode_pixel_data(
        tile.tobytes(), lossy_error=0, rows=side, columns=side, samples_per_pixel=1, bits_stored=16
    )  # what pydicom calls, and so the export
    assert np.array_equal(imagecodecs.jpegls_decode(bytes(told)), tile)


@pytest.mark.parametrize(("bits", "signed"), [(9, False), (12, False), (16, False), (12, True)])
def test_dark_tiles_keep_their_depth_on_our_wire(bits: int, signed: bool) -> None:
    tile = dark(64).astype(np.int16 if signed else np.uint16)
    found = htj2k.decode(htj2k.encode(tile, bits, signed, 64))
    assert found.dtype == tile.dtype
    assert np.array_equal(found, tile)


def test_lossy_htj2k_turns_white_into_black_and_ours_is_never_lossy() -> None:
    extremes = np.where(np.random.default_rng(1).integers(0, 2, (64, 64)) > 0, 255, 0).astype(np.uint8)
    lossy = imagecodecs.htj2k_decode(imagecodecs.htj2k_encode(extremes, reversible=False, level=0.01))
    assert (np.abs(lossy.astype(int) - extremes) > 200).any()  # the trap: the library wraps where it should clip
    assert np.array_equal(htj2k.decode(htj2k.encode(extremes, 8, False, 64)), extremes)
