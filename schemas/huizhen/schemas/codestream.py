"""The JPEG 2000 codestream as this project cuts and stitches it (ISO/IEC 15444-1 Annex A, HTJ2K: 15444-15).

Theory of operation. A frame is cut into square tiles; each is coded alone with one tile-part per resolution. Tiles of
JPEG 2000 are independent, so the tile-parts of separately coded tiles under one common main header *are* a standard
codestream. This module only moves bytes: it parses headers, checks every length against the bytes that are there,
renumbers tiles and puts tile-parts in the canonical order: by resolution, then by tile index. Because of that order
every prefix that ends with a resolution is an exact smaller picture.

Rules. Nothing is allocated from a declared size. One main header (SIZ and the coding markers) holds for all tiles of a
stream. Only 5/3 reversible, unsigned or signed samples of 8 to 16 bits, 1 or 3 components without subsampling, one
tile-part per resolution.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from huizhen.schemas.errors import BadCodestream, TooLarge

SOC, SOT, SOD, EOC, SIZ, CAP, COD, QCD = 0xFF4F, 0xFF90, 0xFF93, 0xFFD9, 0xFF51, 0xFF50, 0xFF52, 0xFF5C
TLM, COM = 0xFF55, 0xFF64
SOT_BYTES = 12  # the SOT marker segment; SOD follows
TILE_PART_HEAD = struct.Struct(">HHHIBBH")  # SOT: marker, length, tile, size, part, parts; then SOD
SIDE_MAX = 16_384  # columns or rows of a frame: the largest detectors have under 10,000
TILES_MAX = 4_096
TILE_PART_MAX = 8 << 20
HEADER_MAX = 4_096
EOC_BYTES = EOC.to_bytes(2, "big")
SOT_MARK = SOT.to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class MainHeader:
    """What all tiles of a stream share: frame size, tile size, samples, and the coding markers as they are."""

    columns: int
    rows: int
    tile: int
    components: int
    bits: int
    signed: bool
    levels: int
    coding: bytes

    def __post_init__(self) -> None:
        _check_header(self)

    @property
    def tiles_across(self) -> int:
        """Tiles in one row of tiles."""
        return -(-self.columns // self.tile)

    @property
    def tiles(self) -> int:
        """Tiles of the frame."""
        return self.tiles_across * -(-self.rows // self.tile)

    @property
    def parts(self) -> int:
        """Tile-parts of a tile: one per resolution."""
        return self.levels + 1

    def base_parts(self, discard: int = 2) -> int:
        """Count the tile-parts up to the picture reduced by 2**discard a side."""
        return max(1, self.parts - discard)

    def box(self, tile: int) -> tuple[int, int, int, int]:
        """Give (top, left, bottom, right) of a tile in pixels."""
        row, column = divmod(tile, self.tiles_across)
        top, left = row * self.tile, column * self.tile
        return top, left, min(top + self.tile, self.rows), min(left + self.tile, self.columns)

    def phase(self, tile: int) -> int:
        """Give the 2×2 phase of a tile, 0 to 3: tiles of one phase never touch."""
        row, column = divmod(tile, self.tiles_across)
        return (row % 2) * 2 + column % 2

    def encode(self) -> bytes:
        """Give the bytes from SOC to the last marker before the first tile-part."""
        ssiz = (self.bits - 1) | (0x80 if self.signed else 0)
        size = struct.pack(
            ">HHHIIIIIIIIH", SIZ, 38 + 3 * self.components, _rsiz(self.coding), self.columns, self.rows, 0, 0,
            self.tile, self.tile, 0, 0, self.components,
        )  # fmt: skip
        return SOC.to_bytes(2, "big") + size + bytes([ssiz, 1, 1]) * self.components + self.coding


class TilePart(NamedTuple):
    """One tile-part: `data` runs from its SOT marker to its last byte. A tuple: 100 are made for every frame."""

    tile: int
    part: int
    data: bytes


def _rsiz(coding: bytes) -> int:
    return 0x4000 if coding[:2] == CAP.to_bytes(2, "big") else 0


def _check_header(header: MainHeader) -> None:
    if not (1 <= header.columns <= SIDE_MAX and 1 <= header.rows <= SIDE_MAX):
        raise TooLarge("side of the frame", max(header.columns, header.rows), SIDE_MAX, "SIDE_MAX")
    if header.tile < 32 or header.tile & (header.tile - 1) or header.tile > SIDE_MAX:
        raise BadCodestream(f"tile side {header.tile}: must be a power of two from 32")
    if header.tiles > TILES_MAX:
        raise TooLarge("tiles of the frame", header.tiles, TILES_MAX, "TILES_MAX")
    if header.components not in (1, 3) or not 8 <= header.bits <= 16 or not 2 <= header.levels <= 8:
        raise BadCodestream(
            f"{header.components} components of {header.bits} bits in {header.levels} levels:"
            " must be 1 or 3 of 8 to 16 bits in 2 to 8 levels"
        )


def read_header(data: bytes) -> tuple[MainHeader, int]:
    """Parse a main header; return it and the offset of the first byte after it. Raises BadCodestream or TooLarge."""
    if data[:2] != SOC.to_bytes(2, "big"):
        raise BadCodestream("no SOC marker")
    offset, size, coding, levels = 2, b"", b"", -1
    while offset + 4 <= len(data) and offset <= HEADER_MAX:
        marker, length = struct.unpack_from(">HH", data, offset)
        if marker in (SOT, EOC):
            break
        if marker < 0xFF4F or length < 2 or offset + 2 + length > len(data):
            raise BadCodestream(f"marker {marker:#06x} of {length} bytes does not fit", offset)
        segment = data[offset : offset + 2 + length]
        if marker == SIZ:
            size = segment
        elif marker == COD:
            levels = _read_levels(segment, offset)
        if marker not in (SIZ, TLM, COM):
            coding += segment
        offset += 2 + length
    if offset > HEADER_MAX:
        raise TooLarge("main header", offset, HEADER_MAX, "HEADER_MAX")
    if not size or levels < 0 or QCD.to_bytes(2, "big") not in coding:
        raise BadCodestream("SIZ, COD or QCD is missing", offset)
    return _read_size(size, coding, levels), offset


def _read_levels(segment: bytes, offset: int) -> int:
    if len(segment) < 14:
        raise BadCodestream("COD is too short", offset)
    if segment[13] != 1:
        raise BadCodestream("only the reversible 5/3 transform is accepted", offset)
    return segment[9]


def _read_size(segment: bytes, coding: bytes, levels: int) -> MainHeader:
    if len(segment) < 43:
        raise BadCodestream("SIZ is too short", 2)
    columns, rows, x0, y0, tile, tile_rows, tx0, ty0, components = struct.unpack_from(">IIIIIIIIH", segment, 6)
    samples = segment[40:]
    if x0 or y0 or tx0 or ty0 or tile != tile_rows:
        raise BadCodestream("offsets and oblong tiles are not accepted", 2)
    if len(samples) != 3 * components or any(
        samples[i : i + 3] != samples[:1] + b"\1\1" for i in range(0, len(samples), 3)
    ):
        raise BadCodestream("components must be alike and not subsampled", 2)
    return MainHeader(columns, rows, tile, components, (samples[0] & 0x7F) + 1, bool(samples[0] & 0x80), levels, coding)


def read_tile_parts(data: bytes, header: MainHeader, offset: int = 0) -> list[TilePart]:
    """Parse tile-parts from `offset` to the end (or EOC); each belongs to `header`, none comes twice.

    The hot loop of the processors: one comparison for what is right; `_fault_of` says what is wrong.
    """
    found: list[TilePart] = []
    seen: set[int] = set()
    tiles, parts, length = header.tiles, header.parts, len(data)
    last, read = length - TILE_PART_HEAD.size, TILE_PART_HEAD.unpack_from
    while offset <= last:
        marker, segment, tile, size, part, count, end = read(data, offset)
        after = offset + size
        if not (
            marker == SOT and segment == 10 and end == SOD and tile < tiles and part < parts == count
            and TILE_PART_HEAD.size <= size <= TILE_PART_MAX and after <= length
        ):  # fmt: skip
            break
        place = tile << 8 | part
        if place in seen:
            raise BadCodestream(f"tile {tile} part {part} comes twice", offset)
        seen.add(place)
        found.append(TilePart(tile, part, data[offset:after]))
        offset = after
    if offset < length and data[offset : offset + 2] != EOC_BYTES:
        raise _fault_of(data, header, offset)
    if offset < length and offset + 2 != length:
        raise BadCodestream("bytes after the end of the codestream", offset + 2)
    return found


def _fault_of(data: bytes, header: MainHeader, offset: int) -> BadCodestream | TooLarge:
    """Say what is wrong with the tile-part at `offset`."""
    if offset + TILE_PART_HEAD.size > len(data):
        return BadCodestream("a tile-part is cut off", offset)
    marker, length, tile, size, part, count, end = TILE_PART_HEAD.unpack_from(data, offset)
    if marker != SOT or length != 10:
        return BadCodestream(f"SOT expected, {marker:#06x} found", offset)
    if size > TILE_PART_MAX:
        return TooLarge("tile-part", size, TILE_PART_MAX, "TILE_PART_MAX")
    if size < TILE_PART_HEAD.size or offset + size > len(data):
        return BadCodestream(f"a tile-part of {size} bytes does not fit", offset)
    if end != SOD:
        return BadCodestream("tile headers may hold no markers", offset + SOT_BYTES)
    return BadCodestream(
        f"tile {tile} part {part}/{count}: the header has {header.tiles} tiles of {header.parts}", offset
    )


def parse(data: bytes) -> tuple[MainHeader, list[TilePart]]:
    """Parse a whole codestream, or a prefix of one that ends with a tile-part or EOC."""
    header, offset = read_header(data)
    return header, read_tile_parts(data, header, offset)


def renumber(parts: Iterable[TilePart], tile: int) -> list[TilePart]:
    """Give a tile coded alone (index 0) its index in the frame."""
    index = tile.to_bytes(2, "big")
    return [TilePart(tile, part.part, part.data[:4] + index + part.data[6:]) for part in parts]


def stitch(header: MainHeader, tiles: Mapping[int, Sequence[bytes]]) -> bytes:
    """Put the tile-parts of all tiles, untouched, into one canonical codestream; O(bytes), no decoding.

    `tiles` maps each tile index to its tile-parts in order of resolution. Raises BadCodestream where one is missing.
    """
    order = range(header.tiles)
    if any(len(tiles.get(tile, ())) != header.parts for tile in order):
        lacking = [tile for tile in order if len(tiles.get(tile, ())) != header.parts]
        raise BadCodestream(f"tiles {lacking[:8]} are not complete")
    columns = [tiles[tile] for tile in order]
    body = b"".join([parts[part] for part in range(header.parts) for parts in columns])
    return b"".join((header.encode(), body, EOC_BYTES))


def prefix(data: bytes, discard: int) -> bytes:
    """Cut a canonical codestream to the exact picture that is 2**discard smaller a side; no decoding."""
    header, offset = read_header(data)
    for _ in range(header.base_parts(discard) * header.tiles):
        size = int.from_bytes(data[offset + 6 : offset + 10], "big")
        if data[offset : offset + 2] != SOT_MARK or not TILE_PART_HEAD.size <= size <= len(data) - offset:
            raise _fault_of(data, header, offset)
        offset += size
    return data[:offset] + EOC_BYTES
