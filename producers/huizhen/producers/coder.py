"""Code a frame once: only the tiles whose pixels changed, each lossless, and both digests of the whole frame."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huizhen.schemas.codestream import MainHeader, stitch
from huizhen.schemas.errors import Bug, Refused
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.htj2k import code_tiles
from huizhen.schemas.packet import tile_digest
from huizhen.schemas.reasons import RejectReason

Pixels = NDArray[np.generic]
Parts = tuple[bytes, ...]
"""The tile-parts of a tile, in order of resolution"""
Map = Callable[[Callable[[list[int]], Any], Iterable[list[int]]], Iterator[Any]]
"""`map`, or the one of a thread pool: the encoder releases the interpreter"""


@dataclass(frozen=True, slots=True)
class Coded:
    """A frame as it is journalled and sent."""

    header: MainHeader
    tiles: tuple[Parts, ...]
    """By tile index"""
    tile_digests: tuple[bytes, ...]
    """The first 8 bytes of SHA-256 of each tile's parts"""
    stream: bytes
    """The canonical codestream"""
    frame_digest: bytes
    """SHA-256 of the canonical codestream"""
    pixel_digest: bytes
    """SHA-256 of the samples, C order, little-endian"""
    coded: int
    """How many tiles had to be coded"""


@dataclass(slots=True)
class Coder:
    """Codes the frames of one source in order; what did not change since the last frame is taken from there."""

    tile: int
    workers: int = 1
    map: Map = map
    _pixels: Pixels | None = None
    _format: PixelFormat | None = None
    _coded: Coded | None = None

    def code(self, pixels: Pixels, pixel_format: PixelFormat) -> Coded:
        """Code a frame: (rows, columns) or (rows, columns, 3), of `pixel_format`; the array is kept, do not change it.

        Raises Refused where the pixels are not of the format.
        """
        check_pixels(pixels, pixel_format)
        pixels = np.ascontiguousarray(pixels, pixel_format.dtype)
        if self._coded is None or self._format != pixel_format or self._pixels is None:
            last, changed = None, list(range(_tiles_of(pixel_format, self.tile)))
        else:
            last, changed = self._coded, changed_tiles(self._pixels, pixels, self.tile)
        if last is None or changed:
            self._coded = self._code(pixels, pixel_format, changed, last)
        else:
            self._coded = Coded(
                last.header, last.tiles, last.tile_digests, last.stream, last.frame_digest, last.pixel_digest, 0
            )
        self._pixels, self._format = pixels, pixel_format
        return self._coded

    def _code(self, pixels: Pixels, pixel_format: PixelFormat, changed: list[int], last: Coded | None) -> Coded:
        bits, signed, tile = pixel_format.bits_stored, pixel_format.is_signed, self.tile
        shares = [changed[start :: self.workers] for start in range(min(self.workers, len(changed)))]
        found: dict[int, Parts] = dict(enumerate(last.tiles)) if last else {}
        digests = dict(enumerate(last.tile_digests)) if last else {}
        header = last.header if last else None
        for share_header, tiles in self.map(lambda share: code_tiles(pixels, bits, signed, tile, share), shares):
            header = header or share_header
            if share_header != header:
                raise Refused(RejectReason.CODING_CHANGED, "the encoder changed its main header within a stream")
            for index, parts in tiles.items():
                found[index] = tuple(parts)
                digests[index] = tile_digest(parts)
        if header is None:
            raise Bug("a frame without tiles was to be coded")
        stream = stitch(header, found)
        order = range(header.tiles)
        return Coded(
            header=header,
            tiles=tuple(found[index] for index in order),
            tile_digests=tuple(digests[index] for index in order),
            stream=stream,
            frame_digest=hashlib.sha256(stream).digest(),
            pixel_digest=pixel_digest(pixels),
            coded=len(changed),
        )


def check_pixels(pixels: Pixels, pixel_format: PixelFormat) -> None:
    """Raise Refused where an array is not of the format: size, samples, or values above its bits."""
    shape = (pixel_format.rows, pixel_format.columns) + ((3,) if pixel_format.samples_per_pixel == 3 else ())
    if pixels.shape != shape:
        raise Refused(
            RejectReason.FRAME_SIZE_CHANGED, f"the frame is {pixels.shape}, its geometry says {shape}: not sent"
        )
    if pixel_format.bits_stored < pixel_format.bits_allocated:
        low, high = int(pixels.min()), int(pixels.max())
        span = 1 << pixel_format.bits_stored
        least = -span // 2 if pixel_format.is_signed else 0
        if low < least or high >= least + span:
            raise Refused(
                RejectReason.POLICY,
                f"samples {low} to {high} do not fit {pixel_format.bits_stored} bits: not sent",
            )


def pixel_digest(pixels: Pixels) -> bytes:
    """Give the SHA-256 of samples: C order, little-endian."""
    return hashlib.sha256(np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<")).data).digest()


def changed_tiles(before: Pixels, after: Pixels, tile: int) -> list[int]:
    """List the tiles in which two frames of one format differ; both C-contiguous."""
    rows = after.shape[0]
    left, right = before.reshape(rows, -1), after.reshape(rows, -1)
    step = tile * (after.shape[2] if after.ndim == 3 else 1)
    if (left.shape[1] * left.itemsize) % 8 == 0:  # a tile's side is a power of two from 32: its rows are whole words
        step = step * left.itemsize // 8
        left, right = left.view(np.uint64), right.view(np.uint64)
    differs = np.logical_or.reduceat(left != right, range(0, rows, tile), axis=0)
    differs = np.logical_or.reduceat(differs, range(0, differs.shape[1], step), axis=1)
    return [int(index) for index in np.flatnonzero(differs)]


def _tiles_of(pixel_format: PixelFormat, tile: int) -> int:
    return -(-pixel_format.rows // tile) * -(-pixel_format.columns // tile)
