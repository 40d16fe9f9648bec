"""Packets: how a coded frame travels from a station, and what a station says it did not send.

Theory of operation. A frame's tile-parts travel in one packet (section `all`) or in several: section `base` holds all
tiles up to 1/4 size, section `detail` holds the rest by 2×2 tile phase, so that a lost packet never takes two
neighbouring tiles. A section larger than a packet may be is spread over several. A tile that did not change is declared
by the digest of its tile-parts and the frame that carried them. What is not sent is said in a packet of section
`notsent`, whose value lists packet indexes.

Value: "HZ", version 1, 0; u16 length of the main header, the main header; u16 count of unchanged tiles, each u16 tile,
u32 age in frames, 8 bytes digest; then tile-parts as they are, to the end. Big-endian, like JPEG 2000.
"""

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from huizhen.schemas.codestream import MainHeader, TilePart, read_header, read_tile_parts
from huizhen.schemas.errors import BadEnvelope, TooLarge

MAGIC = b"HZ\x01\x00"
PACKET_MAX = 900 << 10  # value bytes; Kafka's default record limit of 1,048,588 with room for headers
PACKETS_MAX = 256
DIGEST_BYTES = 8
UNCHANGED = struct.Struct(f">HI{DIGEST_BYTES}s")


class Section(StrEnum):
    """What a packet holds."""

    ALL = "all"
    BASE = "base"
    DETAIL = "detail"
    NOT_SENT = "notsent"


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A tile whose tile-parts are those sent `age` frames ago."""

    tile: int
    age: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """A packet's value, parsed."""

    header: MainHeader
    unchanged: tuple[Unchanged, ...]
    parts: tuple[TilePart, ...]


def tile_digest(parts: Iterable[bytes]) -> bytes:
    """Give the first 8 bytes of SHA-256 over a tile's tile-parts."""
    return hashlib.sha256(b"".join(parts)).digest()[:DIGEST_BYTES]


def write_body(header: MainHeader, unchanged: Sequence[Unchanged], parts: Iterable[bytes]) -> bytes:
    """Encode a packet's value; raises TooLarge above what u16 counts hold."""
    main = header.encode()
    said = b"".join(UNCHANGED.pack(tile.tile, tile.age, tile.digest) for tile in unchanged)
    head = MAGIC + struct.pack(">H", len(main)) + main + struct.pack(">H", len(unchanged)) + said
    return b"".join((head, *parts))


def read_body(value: bytes) -> Body:
    """Parse a packet's value, checking every length; raises BadEnvelope, BadCodestream or TooLarge."""
    if value[:4] != MAGIC:
        raise BadEnvelope("the value is no packet: it does not start with HZ 1 0")
    at, length = 6, int.from_bytes(value[4:6], "big")
    header, end = _header_of(value[at : at + length])
    if end != length:
        raise BadEnvelope(f"the main header ends at {end}, its packet says {length}")
    at += length
    count = int.from_bytes(value[at : at + 2], "big")
    at += 2
    if count > header.tiles or at + count * UNCHANGED.size > len(value):
        raise BadEnvelope(f"{count} unchanged tiles do not fit the frame or the packet")
    unchanged = tuple(
        Unchanged(*UNCHANGED.unpack_from(value, offset))
        for offset in range(at, at + count * UNCHANGED.size, UNCHANGED.size)
    )
    if any(tile.tile >= header.tiles or tile.age < 1 for tile in unchanged):
        raise BadEnvelope("an unchanged tile is outside the frame or of no earlier frame")
    if len({tile.tile for tile in unchanged}) != count:
        raise BadEnvelope("a tile is declared unchanged twice")
    parts = read_tile_parts(value, header, at + count * UNCHANGED.size)
    return Body(header, unchanged, tuple(parts))


@lru_cache(maxsize=64)
def _header_of(main: bytes) -> tuple[MainHeader, int]:
    """Parse a main header, which all packets of a stream repeat; its errors are not remembered."""
    return read_header(main + b"\xff\x90\0\0")


def write_not_sent(indexes: Iterable[int]) -> bytes:
    """Encode the indexes of packets that were not sent."""
    return b"".join(index.to_bytes(2, "big") for index in indexes)


def read_not_sent(value: bytes, count: int) -> tuple[int, ...]:
    """Parse a not-sent notice for a frame of `count` packets; raises BadEnvelope."""
    indexes = tuple(int.from_bytes(value[at : at + 2], "big") for at in range(0, len(value), 2))
    if len(value) % 2 or any(index >= count for index in indexes) or len(indexes) > PACKETS_MAX:
        raise BadEnvelope(f"a not-sent notice lists packets outside a frame of {count}")
    return indexes


def split(
    header: MainHeader,
    tiles: Mapping[int, Sequence[bytes]],
    unchanged: Sequence[Unchanged],
    packets: int,
    limit: int = PACKET_MAX,
) -> list[tuple[Section, bytes]]:
    """Cut a frame into packets: one (`packets` 1) or base first, then detail by phase (5); more where one is too large.

    `tiles`: tile-parts by resolution of the tiles that are sent. Raises TooLarge where a frame needs too many packets.
    """
    base = header.base_parts()
    order = sorted(tiles)
    low = [part for level in range(base) for part in (tiles[tile][level] for tile in order)]
    if packets == 1:
        high = [part for level in range(base, header.parts) for part in (tiles[tile][level] for tile in order)]
        groups = [(Section.ALL, low + high)]
    else:
        phases = [[tile for tile in order if header.phase(tile) == phase] for phase in range(4)]
        details = [[p for level in range(base, header.parts) for p in (tiles[t][level] for t in ts)] for ts in phases]
        groups = [(Section.BASE, low)] + [(Section.DETAIL, parts) for parts in details if parts]
    room = limit - len(write_body(header, unchanged, ()))
    made: list[tuple[Section, bytes]] = []
    for section, parts in groups:
        for run in _runs(parts, room):
            made.append((section, write_body(header, () if made else unchanged, run)))
    if len(made) > PACKETS_MAX:
        raise TooLarge("packets of the frame", len(made), PACKETS_MAX, "PACKETS_MAX")
    return made


def _runs(parts: Sequence[bytes], room: int) -> list[list[bytes]]:
    runs: list[list[bytes]] = [[]]
    size = 0
    for part in parts:
        if runs[-1] and size + len(part) > room:
            runs.append([])
            size = 0
        runs[-1].append(part)
        size += len(part)
    return runs
