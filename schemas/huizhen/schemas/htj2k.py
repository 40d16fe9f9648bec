"""Code and decode tiles with HTJ2K lossless (OpenJPH in imagecodecs), around its known traps.

Depth. The encoder codes 16-bit containers at 16 bits, so samples of 9 to 16 bits are made signed (unsigned ones less
2**(bits-1)), coded as int16, and the true depth and sign are written into SIZ.

Resolutions missing. The 5/3 low-pass may leave the sample range; imagecodecs then wraps modulo the container. Where
detail is missing, or a reduced picture is wanted, the stream is declared signed and wider before decoding and the
offset is added back, which is exact; clipping is the caller's business.
"""

from collections.abc import Iterable

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from huizhen.schemas.codestream import MainHeader, TilePart, read_header, read_tile_parts, renumber, stitch
from huizhen.schemas.errors import BadCodestream, TooLarge

LEVELS = 5
PIXELS_MAX = 64 << 20  # samples of one frame: 128 MiB at 16 bit, the largest detectors have 30 M
Samples = NDArray[np.int16] | NDArray[np.uint16] | NDArray[np.uint8] | NDArray[np.int8]
HEAD_ROOM_BITS = 20  # declared where values may leave the range: 16 bits and the low-pass's overshoot of 5 levels
SIZ_SAMPLES = 2 + 40  # offset of the first Ssiz in a stream made by MainHeader.encode


def _container(pixels: NDArray[np.generic], bits: int, signed: bool) -> NDArray[np.generic]:
    if bits == 8 and not signed:
        return np.ascontiguousarray(pixels, np.uint8)
    if signed:
        return np.ascontiguousarray(pixels, np.int16)
    return np.ascontiguousarray(pixels.astype(np.int32) - (1 << (bits - 1)), np.int16)


def _declare(header: MainHeader, columns: int, rows: int, bits: int, signed: bool) -> MainHeader:
    return MainHeader(columns, rows, header.tile, header.components, bits, signed, header.levels, header.coding)


def code_tiles(
    pixels: NDArray[np.generic], bits: int, signed: bool, tile: int, wanted: Iterable[int] | None = None
) -> tuple[MainHeader, dict[int, list[bytes]]]:
    """Code the tiles of a frame; return the frame's main header and, per tile index, its tile-parts by resolution.

    `pixels`: (rows, columns) or (rows, columns, 3), whose values fit `bits` (8 to 16) and `signed`.
    `wanted`: tile indexes to code; None codes all at once.
    """
    rows, columns = pixels.shape[:2]
    rgb = pixels.ndim == 3
    if wanted is None:
        coded = _encode(_container(pixels, bits, signed), rgb, tile)
        header, offset = read_header(coded)
        tiles: dict[int, list[bytes]] = {}
        for part in read_tile_parts(coded, header, offset):
            tiles.setdefault(part.tile, []).append(part.data)
        return _declare(header, columns, rows, bits, signed), tiles
    return _code_some(pixels, bits, signed, tile, list(wanted))


def _code_some(
    pixels: NDArray[np.generic], bits: int, signed: bool, tile: int, wanted: list[int]
) -> tuple[MainHeader, dict[int, list[bytes]]]:
    rows, columns = pixels.shape[:2]
    across = -(-columns // tile)
    header: MainHeader | None = None
    tiles: dict[int, list[bytes]] = {}
    for index in wanted:
        top, left = index // across * tile, index % across * tile
        cut = _container(pixels[top : top + tile, left : left + tile], bits, signed)
        coded = _encode(cut, pixels.ndim == 3, tile)
        alone, offset = read_header(coded)
        parts: list[TilePart] = renumber(read_tile_parts(coded, alone, offset), index)
        tiles[index] = [part.data for part in parts]
        header = header or _declare(alone, columns, rows, bits, signed)
    if header is None:
        raise ValueError("no tile was wanted")
    return header, tiles


def _encode(pixels: NDArray[np.generic], rgb: bool, tile: int) -> bytes:
    return bytes(
        imagecodecs.htj2k_encode(
            pixels, reversible=True, resolutions=LEVELS, rgb=rgb, tile=(tile, tile), tilepart=1, tlm=False
        )
    )


def encode(pixels: NDArray[np.generic], bits: int, signed: bool, tile: int) -> bytes:
    """Code a whole frame into one canonical codestream."""
    header, tiles = code_tiles(pixels, bits, signed, tile)
    return stitch(header, tiles)


def _checked_header(stream: bytes) -> MainHeader:
    header, _ = read_header(stream)
    samples = header.rows * header.columns * header.components
    if samples > PIXELS_MAX:
        raise TooLarge("samples of the frame", samples, PIXELS_MAX, "PIXELS_MAX")
    return header


def decode(stream: bytes) -> Samples:
    """Decode a complete codestream to (rows, columns[, 3]) of uint8, int16 or uint16: the samples, bit for bit."""
    header = _checked_header(stream)
    if header.bits == 8 and not header.signed:
        return _decode(stream, 0)
    wide = _decode(_as_signed(stream, header, 16), 0)
    if header.signed:
        return wide
    return (wide.astype(np.int32) + (1 << (header.bits - 1))).astype(np.uint16)


def decode_low(stream: bytes, discard: int) -> NDArray[np.int32]:
    """Decode the picture 2**discard smaller a side, unclipped: (rows, columns[, 3]) of int32, the true 5/3 low-pass.

    With `discard` 0 it is the full size; use it where detail is missing, since values may leave the sample range.
    """
    header = _checked_header(stream)
    if not 0 <= discard <= header.levels:
        raise ValueError(f"discard {discard}: the stream has {header.levels} levels")
    wide = _decode(_as_signed(stream, header, HEAD_ROOM_BITS), discard).astype(np.int32)
    return wide if header.signed else wide + (1 << (header.bits - 1))


def _as_signed(stream: bytes, header: MainHeader, bits: int) -> bytes:
    start = stream.index(b"\xff\x51")
    at = start + 40
    samples = bytes([0x80 | (bits - 1), 1, 1]) * header.components
    return stream[:at] + samples + stream[at + len(samples) :]


def _decode(stream: bytes, skip: int) -> Samples:
    try:
        pixels: Samples = imagecodecs.htj2k_decode(stream, skipres=(skip, skip), planar=False, resilient=False)
    except (imagecodecs.Htj2kError, ValueError) as error:
        raise BadCodestream(f"not decodable: {error}") from error
    return pixels
