"""A frame is coded once, only where it changed, and exactly."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from huizhen.producers.coder import Coder, changed_tiles, pixel_digest
from huizhen.schemas import htj2k
from huizhen.schemas.codestream import parse
from huizhen.schemas.errors import Refused
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.packet import tile_digest

Pixels = NDArray[np.generic]
FORMATS = [
    PixelFormat(100, 150, 3, 8, 0),
    PixelFormat(65, 129, 1, 8, 0),
    PixelFormat(97, 64, 1, 12, 0),
    PixelFormat(33, 161, 1, 16, 0),
    PixelFormat(70, 70, 1, 12, 1),
    PixelFormat(40, 40, 1, 8, 1),
]


def noise(form: PixelFormat, seed: int) -> Pixels:
    low = -(1 << (form.bits_stored - 1)) if form.is_signed else 0
    shape = (form.rows, form.columns) + ((3,) if form.samples_per_pixel == 3 else ())
    return np.random.default_rng(seed).integers(low, low + (1 << form.bits_stored), shape).astype(form.dtype)


@pytest.mark.parametrize("form", FORMATS, ids=str)
def test_the_coded_frame_is_the_captured_one(form: PixelFormat) -> None:
    pixels = noise(form, 1)
    coded = Coder(tile=32).code(pixels, form)
    decoded = htj2k.decode(coded.stream)
    assert np.array_equal(decoded, pixels)
    assert str(decoded.dtype) == form.dtype
    assert form.fits(coded.header)
    assert coded.frame_digest == hashlib.sha256(coded.stream).digest()
    assert coded.pixel_digest == hashlib.sha256(decoded.tobytes()).digest()


@pytest.mark.parametrize("form", FORMATS, ids=str)
def test_a_frame_made_of_old_and_new_tiles_is_the_one_coded_at_once(form: PixelFormat) -> None:
    coder, pixels = Coder(tile=32), noise(form, 1)
    coder.code(pixels, form)
    changed = pixels.copy()
    changed[-1, -1] = changed[-1, -1] // 2 + 1
    coded = coder.code(changed, form)
    assert coded.coded == 1
    assert coded.stream == htj2k.encode(changed, form.bits_stored, form.is_signed, 32)
    assert coded == replace(Coder(tile=32).code(changed, form), coded=1)


def test_a_frame_that_did_not_change_costs_nothing() -> None:
    form = FORMATS[0]
    coder, pixels = Coder(tile=32), noise(form, 1)
    first = coder.code(pixels, form)
    again = coder.code(pixels.copy(), form)
    assert again.coded == 0
    assert again.stream is first.stream
    assert again.frame_digest == first.frame_digest


def test_tile_digests_are_those_of_the_parts_in_the_stream() -> None:
    form = FORMATS[0]
    coded = Coder(tile=32).code(noise(form, 3), form)
    _, parts = parse(coded.stream)
    for index, digest in enumerate(coded.tile_digests):
        assert digest == tile_digest(part.data for part in parts if part.tile == index)


def test_a_new_format_codes_every_tile() -> None:
    coder = Coder(tile=32)
    coder.code(noise(FORMATS[0], 1), FORMATS[0])
    assert coder.code(noise(FORMATS[1], 1), FORMATS[1]).coded == 15


def test_threads_change_nothing() -> None:
    form = FORMATS[0]
    alone = Coder(tile=32).code(noise(form, 1), form)
    with ThreadPoolExecutor(3) as pool:
        assert Coder(tile=32, workers=3, map=pool.map).code(noise(form, 1), form) == alone
        assert Coder(tile=128, workers=9, map=pool.map).code(noise(form, 1), form).coded == 2


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_changed_tiles_are_found(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(FORMATS))
    before = noise(form, 5)
    after = before.copy()
    spots = data.draw(st.lists(st.tuples(st.integers(0, form.rows - 1), st.integers(0, form.columns - 1)), max_size=4))
    for row, column in spots:
        after[row, column] ^= 1
    across = -(-form.columns // 32)
    touched = {row // 32 * across + column // 32 for row, column in spots if not np.array_equal(before, after)}
    real = {tile for tile in touched if not _same(before, after, tile, across)}
    assert changed_tiles(before, after, 32) == sorted(real)


def _same(before: Pixels, after: Pixels, tile: int, across: int) -> bool:
    top, left = tile // across * 32, tile % across * 32
    cut = (slice(top, top + 32), slice(left, left + 32))
    return np.array_equal(before[cut], after[cut])


def test_the_pixel_digest_is_little_endian_everywhere() -> None:
    pixels = np.arange(6, dtype=np.uint16).reshape(2, 3)
    assert pixel_digest(pixels) == pixel_digest(pixels.astype(">u2")) == hashlib.sha256(pixels.tobytes()).digest()


def test_a_frame_of_another_size_than_its_geometry_is_refused() -> None:
    with pytest.raises(Refused, match="frame_size_changed"):
        Coder(tile=32).code(np.zeros((9, 9), np.uint8), FORMATS[1])


@pytest.mark.parametrize("value", [4096, 65535])
def test_samples_above_their_bits_are_refused(value: int) -> None:
    pixels = np.full((97, 64), value, np.uint16)
    with pytest.raises(Refused, match="do not fit 12 bits"):
        Coder(tile=32).code(pixels, FORMATS[2])
    with pytest.raises(Refused, match="do not fit 12 bits"):
        Coder(tile=32).code(np.full((70, 70), -2049, np.int16), FORMATS[4])
