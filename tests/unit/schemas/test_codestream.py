import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huizhen.schemas import codestream as cs
from huizhen.schemas import htj2k
from huizhen.schemas.errors import BadCodestream, BadInput, TooLarge


def noise(rows: int, columns: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    shape = (rows, columns) if channels == 1 else (rows, columns, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


STREAM = htj2k.encode(noise(70, 100, 3), 8, False, 32)
HEADER, PARTS = cs.parse(STREAM)


def test_header_tells_size_tiles_and_samples() -> None:
    assert (HEADER.rows, HEADER.columns, HEADER.tile, HEADER.components) == (70, 100, 32, 3)
    assert (HEADER.bits, HEADER.signed, HEADER.levels, HEADER.parts) == (8, False, 5, 6)
    assert (HEADER.tiles_across, HEADER.tiles) == (4, 12)
    assert HEADER.box(11) == (64, 96, 70, 100)


def test_neighbouring_tiles_are_of_different_phases() -> None:
    for tile in range(HEADER.tiles):
        for other in (tile + 1, tile + HEADER.tiles_across):
            if other < HEADER.tiles and not (other == tile + 1 and other % HEADER.tiles_across == 0):
                assert HEADER.phase(tile) != HEADER.phase(other)


def test_canonical_order_is_resolution_then_tile() -> None:
    assert [(p.part, p.tile) for p in PARTS] == list(itertools.product(range(6), range(12)))


def test_stitching_tiles_coded_alone_gives_the_natively_tiled_stream() -> None:
    pixels = noise(70, 100, 3)
    header, alone = htj2k.code_tiles(pixels, 8, False, 32, range(12))
    assert cs.stitch(header, alone) == STREAM


def test_reading_and_stitching_again_changes_nothing() -> None:
    tiles: dict[int, list[bytes]] = {}
    for part in PARTS:
        tiles.setdefault(part.tile, []).append(part.data)
    assert cs.stitch(HEADER, tiles) == STREAM


def test_a_missing_tile_part_is_named() -> None:
    tiles: dict[int, list[bytes]] = {}
    for part in PARTS[:-1]:
        tiles.setdefault(part.tile, []).append(part.data)
    with pytest.raises(BadCodestream, match=r"tiles \[11\] are not complete"):
        cs.stitch(HEADER, tiles)


@pytest.mark.parametrize("discard", [1, 2, 3, 5])
def test_a_prefix_is_the_exact_smaller_picture(discard: int) -> None:
    cut = cs.prefix(STREAM, discard)
    assert len(cut) < len(STREAM)
    assert np.array_equal(htj2k.decode_low(cut, discard), htj2k.decode_low(STREAM, discard))


def test_a_tile_part_that_comes_twice_is_refused() -> None:
    with pytest.raises(BadCodestream, match="comes twice"):
        cs.read_tile_parts(PARTS[0].data * 2, HEADER)


@pytest.mark.parametrize(
    ("at", "value", "why"),
    [
        (0, b"\0\0", "no SOC"),
        (8, (1 << 20).to_bytes(4, "big"), "SIDE_MAX"),
        (24, (33).to_bytes(4, "big"), "oblong"),
        (40, b"\0\2", "components"),
    ],
)
def test_a_bent_header_is_refused(at: int, value: bytes, why: str) -> None:
    bent = STREAM[:at] + value + STREAM[at + len(value) :]
    with pytest.raises((BadCodestream, TooLarge), match=why):
        cs.read_header(bent)


def test_a_tile_part_that_declares_four_gigabytes_is_refused_unread() -> None:
    at = cs.read_header(STREAM)[1]
    with pytest.raises(TooLarge, match="TILE_PART_MAX"):
        cs.parse(STREAM[: at + 6] + b"\xff\xff\xff\xff" + STREAM[at + 10 :])


def test_bytes_after_the_end_are_refused() -> None:
    with pytest.raises(BadCodestream, match="after the end"):
        cs.parse(STREAM + b"\0")


@settings(max_examples=300)
@given(st.integers(0, len(STREAM) - 1), st.binary(min_size=1, max_size=8))
def test_bent_bytes_are_parsed_or_refused_with_our_error(at: int, value: bytes) -> None:
    try:
        header, parts = cs.parse(STREAM[:at] + value + STREAM[at + len(value) :])
    except BadInput:
        return
    assert all(part.tile < header.tiles for part in parts)


@given(st.integers(0, len(STREAM) - 1))
def test_a_truncated_stream_never_gives_more_than_it_holds(length: int) -> None:
    try:
        _, parts = cs.parse(STREAM[:length])
    except BadInput:
        return
    assert sum(len(part.data) for part in parts) <= length


def test_random_frames_survive_in_every_depth() -> None:
    chance = random.Random(7)
    for bits, signed in itertools.product((8, 9, 10, 12, 14, 15, 16), (False, True)):
        rows, columns, tile = chance.randint(1, 150), chance.randint(1, 150), chance.choice((32, 64, 128))
        low = -(1 << (bits - 1)) if signed else 0
        kind = np.int16 if signed else (np.uint8 if bits == 8 else np.uint16)
        shape = (rows, columns, 3) if chance.random() < 0.3 else (rows, columns)
        pixels = np.random.default_rng(bits).integers(low, low + (1 << bits), shape).astype(kind)
        stream = htj2k.encode(pixels, bits, signed, tile)
        found = htj2k.decode(stream)
        assert found.dtype == kind
        assert np.array_equal(found, pixels), (bits, signed, shape, tile)
        assert cs.read_header(stream)[0].bits == bits
