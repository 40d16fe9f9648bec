import subprocess
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from huizhen.schemas import htj2k
from huizhen.schemas.codestream import TilePart, parse, prefix, stitch
from huizhen.schemas.errors import BadCodestream, TooLarge


def worst(bits: int, signed: bool, rows: int = 96, columns: int = 128) -> np.ndarray:
    """Full-range noise: the 5/3 low-pass leaves the sample range often."""
    low = -(1 << (bits - 1)) if signed else 0
    kind = np.int16 if signed else (np.uint8 if bits == 8 else np.uint16)
    two = np.random.default_rng(1).integers(0, 2, (rows, columns))
    return np.where(two, low + (1 << bits) - 1, low).astype(kind)


def lifted_low(pixels: np.ndarray, times: int) -> np.ndarray:
    """The 5/3 low-pass by the lifting steps of ISO/IEC 15444-1 F.3.8.2.1, written anew as a check."""
    band = pixels.astype(np.int64)
    for _ in range(times):
        for axis in (0, 1):
            moved = np.moveaxis(band, axis, 0)
            even, odd = moved[0::2], moved[1::2].copy()
            right = np.concatenate([even[1:], even[-1:]])[: len(odd)]
            odd -= (even[: len(odd)] + right) >> 1
            before = np.concatenate([odd[:1], odd])[: len(even)]
            after = np.concatenate([odd, odd[-1:]])[: len(even)]
            band = np.moveaxis(even + ((before + after + 2) >> 2), 0, axis)
    return band


@pytest.mark.parametrize(
    ("bits", "signed"), [(8, False), (12, False), (12, True), (15, False), (16, False), (16, True)]
)
@pytest.mark.parametrize("discard", [1, 2])
def test_low_pass_is_the_true_one_even_outside_the_sample_range(bits: int, signed: bool, discard: int) -> None:
    pixels = worst(bits, signed, 128, 128)
    low = htj2k.decode_low(htj2k.encode(pixels, bits, signed, 128), discard)
    offset = 0 if signed else 1 << (bits - 1)
    assert np.array_equal(low, lifted_low(pixels.astype(np.int64) - offset, discard) + offset)
    span = -offset if not signed else -(1 << (bits - 1))
    assert low.min() < (0 if not signed else span) or low.max() >= (1 << bits)


def test_the_plain_decoder_wraps_where_ours_does_not() -> None:
    stream = htj2k.encode(worst(8, False, 128, 128), 8, False, 128)
    plain = imagecodecs.htj2k_decode(stream, skipres=(1, 1)).astype(int)
    ours = htj2k.decode_low(stream, 1)
    assert (plain != ours).any()
    assert np.array_equal(plain, ours % 256)


def test_detail_missing_at_full_size_is_not_wrapped() -> None:
    stream = htj2k.encode(worst(8, False, 128, 128), 8, False, 128)
    header, parts = parse(stream)
    empty = [TilePart(p.tile, p.part, p.data[:6] + (14).to_bytes(4, "big") + p.data[10:14]) for p in parts]
    kept = {0: [p.data if p.part < 4 else empty[i].data for i, p in enumerate(parts)]}
    wide = htj2k.decode_low(stitch(header, kept), 0)
    assert wide.min() < 0
    assert wide.max() > 255


def test_near_black_16_bit_tiles_keep_their_depth() -> None:
    pixels = np.full((40, 40), 3, np.uint16)
    found = htj2k.decode(htj2k.encode(pixels, 16, False, 32))
    assert found.dtype == np.uint16
    assert np.array_equal(found, pixels)


def test_an_independent_decoder_reads_the_same_pixels(tmp_path: Path) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (70, 90, 3), np.uint8)
    (tmp_path / "a.j2k").write_bytes(htj2k.encode(pixels, 8, False, 32))
    command = ["opj_decompress", "-i", str(tmp_path / "a.j2k"), "-o", str(tmp_path / "a.ppm")]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    body = (tmp_path / "a.ppm").read_bytes()
    assert np.array_equal(np.frombuffer(body[-pixels.size :], np.uint8).reshape(pixels.shape), pixels)


def test_openjpeg_in_pixel_space_reads_every_prefix() -> None:
    pixels = np.random.default_rng(3).integers(64, 192, (100, 100), np.uint8)
    stream = htj2k.encode(pixels, 8, False, 32)
    found = imagecodecs.jpeg2k_decode(stream)
    assert np.array_equal(found, pixels)
    assert len(prefix(stream, 2)) < len(stream) / 2


def test_a_picture_above_the_cap_is_refused_before_decoding() -> None:
    stream = bytearray(htj2k.encode(np.zeros((64, 64), np.uint8), 8, False, 1024))
    stream[8:16] = (16_000).to_bytes(4, "big") * 2
    with pytest.raises(TooLarge, match="PIXELS_MAX"):
        htj2k.decode(bytes(stream))


def test_garbage_where_code_should_be_is_our_error() -> None:
    stream = htj2k.encode(np.random.default_rng(4).integers(0, 256, (64, 64), np.uint8), 8, False, 64)
    header, parts = parse(stream)
    with pytest.raises(BadCodestream):
        htj2k.decode(header.encode() + parts[0].data[:20])
