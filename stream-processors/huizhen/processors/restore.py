"""Make a standard codestream of a damaged frame: true tiles as they are, lost detail filled and coded alike. Pure.

A tile that came only up to 1/2**n size is decoded to its exact low-pass; `fill` gives the detail back from the last
exact frame, or from what the frame's true tiles teach; the result is coded as the station codes and stitched in. Which
tiles those are, and the error to expect of them, goes with the frame.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill import Box, FilledTile, LostDetail, Method, Previous, SampleFormat, fill_details
from huizhen.processors.frame import KnownTile
from huizhen.processors.plain import fill_plainly
from huizhen.schemas.codestream import EOC_BYTES, MainHeader, TilePart, renumber, stitch
from huizhen.schemas.errors import Refused
from huizhen.schemas.htj2k import code_tiles, decode, decode_low
from huizhen.schemas.reasons import RejectReason, TileState
from huizhen.schemas.record import TileOrigin

STATES = {Method.TEMPORAL: TileState.TEMPORAL, Method.BASE: TileState.BASE}


@dataclass(slots=True)
class ExactFrame:
    """The last exact frame of a stream; its pixels are decoded when they are first wanted."""

    number: int
    header: MainHeader
    stream: bytes
    _pixels: NDArray[np.generic] | None = field(default=None)

    def pixels(self) -> NDArray[np.generic]:
        """Give the samples: (rows, columns[, 3])."""
        if self._pixels is None:
            self._pixels = decode(self.stream)
        return self._pixels


@dataclass(frozen=True, slots=True)
class Made:
    """A frame as it is shown: its codestream (empty: not shown), and where each tile comes from (empty: all true)."""

    stream: bytes = b""
    origins: tuple[TileOrigin, ...] = ()


def restore(
    number: int, header: MainHeader, tiles: dict[int, KnownTile], previous: ExactFrame | None, is_plain: bool = False
) -> Made:
    """Fill what is lost of frame `number`; every tile must be known up to 1/4 size at least.

    `previous`: the last exact frame, where there is one; without it the frame's own true tiles teach. `is_plain`: leave
    the detail out instead of estimating it. Raises Refused (coding_changed) where the station codes otherwise than this
    project's encoder.
    """
    lost = [tile for tile in sorted(tiles) if len(tiles[tile].parts) < header.parts]
    details = [_lost_detail(header, tile, tiles[tile].parts) for tile in lost]
    samples = SampleFormat(header.bits, header.signed, header.components)
    if is_plain:
        filled = fill_plainly(details, samples)
    else:
        evidence = _evidence(number, header, previous)
        present = None if evidence else _true_pixels(header, tiles)
        filled = fill_details(details, samples, evidence, present)
    parts = {tile: list(known.parts) for tile, known in tiles.items()}
    origins = {tile: TileOrigin(known.state, known.age) for tile, known in tiles.items()}
    for tile, result in zip(lost, filled, strict=True):
        parts[tile] = _code(header, tile, result)
        said = result.provenance
        origins[tile] = TileOrigin(STATES.get(said.method, TileState.SPATIAL), said.age or 0, said.expected_error)
    return Made(stitch(header, parts), tuple(origins[tile] for tile in range(header.tiles)))


def _evidence(number: int, header: MainHeader, previous: ExactFrame | None) -> Previous | None:
    if previous is None or previous.header != header or previous.number >= number:
        return None
    return Previous(previous.pixels(), number - previous.number)


def _true_pixels(header: MainHeader, tiles: dict[int, KnownTile]) -> NDArray[np.generic]:
    """Decode the whole tiles of a frame; the others, which `fill_details` does not look at, are 0."""
    shape = (header.rows, header.columns) if header.components == 1 else (header.rows, header.columns, 3)
    frame: NDArray[np.generic] | None = None
    for tile, known in tiles.items():
        if len(known.parts) == header.parts:
            pixels = decode(_alone(header, tile, known.parts))
            frame = np.zeros(shape, pixels.dtype) if frame is None else frame
            frame[_box(header, tile).slices] = pixels
    return np.zeros(shape, np.uint8) if frame is None else frame


def _lost_detail(header: MainHeader, tile: int, parts: tuple[bytes, ...]) -> LostDetail:
    discard = header.parts - len(parts)
    return LostDetail(_box(header, tile), decode_low(_alone(header, tile, parts), discard), discard)


def _box(header: MainHeader, tile: int) -> Box:
    return Box(*header.box(tile))


def _alone(header: MainHeader, tile: int, parts: tuple[bytes, ...]) -> bytes:
    """Make the codestream of one tile of a frame."""
    top, left, bottom, right = header.box(tile)
    alone = replace(header, columns=right - left, rows=bottom - top)
    numbered = renumber((TilePart(tile, index, data) for index, data in enumerate(parts)), 0)
    return b"".join((alone.encode(), *(part.data for part in numbered), EOC_BYTES))


def _code(header: MainHeader, tile: int, filled: FilledTile) -> list[bytes]:
    coded, alone = code_tiles(filled.pixels, header.bits, header.signed, header.tile)
    if coded.coding != header.coding:
        raise Refused(RejectReason.CODING_CHANGED, "the station's coding is not ours: a filled tile would not fit in")
    numbered = renumber((TilePart(0, index, data) for index, data in enumerate(alone[0])), tile)
    return [part.data for part in numbered]
