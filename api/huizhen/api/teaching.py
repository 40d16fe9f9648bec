"""Blank what trainees may not see: the tiles over the profile's `mask_teaching` regions, coded once, then stitched."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from huizhen.api.live_frame import Cover
from huizhen.schemas.codestream import MainHeader, parse, stitch
from huizhen.schemas.errors import Refused
from huizhen.schemas.events import GeometryDeclared
from huizhen.schemas.htj2k import code_tiles
from huizhen.schemas.reasons import RejectReason

COVERS_KEPT = 32  # geometries with a teaching mask in use at a time


def masked_tiles(header: MainHeader, regions: Sequence[int]) -> tuple[int, ...]:
    """Give the tiles that touch a region; `regions`: top, left, bottom, right in pixels, four numbers each."""
    boxes = [regions[at : at + 4] for at in range(0, len(regions) - 3, 4)]

    def touches(tile: int) -> bool:
        top, left, bottom, right = header.box(tile)
        return any(box[0] < bottom and box[2] > top and box[1] < right and box[3] > left for box in boxes)

    return tuple(tile for tile in range(header.tiles) if touches(tile))


def cover_for(header: MainHeader, geometry: GeometryDeclared) -> Cover | None:
    """Give what blanks frames of this geometry; None where nothing is masked. Raises Refused where it cannot be."""
    tiles = masked_tiles(header, geometry.mask_teaching)
    return _cover(header, tiles) if tiles else None


@lru_cache(maxsize=COVERS_KEPT)
def _cover(header: MainHeader, tiles: tuple[int, ...]) -> Cover:
    blanks = _blank_tiles(header, tiles)

    def over(codestream: bytes) -> bytes:
        found, parts = parse(codestream)
        if found != header:
            raise Refused(RejectReason.CODING_CHANGED, "the frame is coded unlike its geometry: it cannot be masked")
        columns: dict[int, list[bytes]] = {tile: [] for tile in range(header.tiles)}
        for part in parts:
            columns[part.tile].append(part.data)
        return stitch(header, columns | blanks)

    return Cover(list(tiles), over)


def _blank_tiles(header: MainHeader, tiles: tuple[int, ...]) -> dict[int, list[bytes]]:
    shape = (header.rows, header.columns, header.components)[: 3 if header.components == 3 else 2]
    dtype = np.int16 if header.signed else np.uint16 if header.bits > 8 else np.uint8
    coded, blanks = code_tiles(np.zeros(shape, dtype), header.bits, header.signed, header.tile, tiles)
    if coded != header:
        raise Refused(RejectReason.CODING_CHANGED, "blank tiles cannot be coded like this stream's")
    return blanks
