"""A frame in the journal as its difference from an earlier one of the same segment: a still screen costs a few bytes.

A difference is taken against one whole frame, never against another difference, and both lie in one segment file: so a
segment can be deleted without hurting another, and damage to one record costs the frames that lean on it at most.

Payload: "HZD" 1, u64 number of the whole frame (big-endian), then the tile-parts of the tiles that differ, as they are.
A whole frame's payload is its canonical codestream, which begins with other bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from huizhen.producers.coder import Coded
from huizhen.schemas.codestream import parse, read_tile_parts, stitch
from huizhen.schemas.errors import BadCodestream

MAGIC = b"HZD\x01"
HEAD_BYTES = len(MAGIC) + 8
WORTH = 0.6  # a difference above this part of the whole frame is not worth leaning on another


@dataclass(frozen=True, slots=True)
class Delta:
    """A frame's payload as a difference from frame `base`."""

    base: int
    payload: bytes


@dataclass(slots=True)
class Bases:
    """The last frame of a source that was journalled whole."""

    _number: int = -1
    _coded: Coded | None = None

    def delta(self, coded: Coded) -> Delta | None:
        """Give a frame as its difference from the last whole one; None where that is not worth it."""
        base = self._coded
        if base is None or base.header != coded.header:
            return None
        parts = [
            part
            for parts, digest, before in zip(coded.tiles, coded.tile_digests, base.tile_digests, strict=True)
            if digest != before
            for part in parts
        ]
        if sum(map(len, parts)) > WORTH * len(coded.stream):
            return None
        return Delta(self._number, write_delta(self._number, parts))

    def whole(self, number: int, coded: Coded) -> None:
        """Take note that a frame was journalled whole."""
        self._number, self._coded = number, coded


def write_delta(base: int, parts: Sequence[bytes]) -> bytes:
    """Encode a difference from frame `base`: the tile-parts of the tiles that differ."""
    return b"".join((MAGIC, base.to_bytes(8, "big"), *parts))


def base_of(payload: bytes) -> int | None:
    """Give the number of the whole frame a payload leans on; None where it is whole itself."""
    if payload[: len(MAGIC)] != MAGIC:
        return None
    return int.from_bytes(payload[len(MAGIC) : HEAD_BYTES], "big")


def apply_delta(base: bytes, payload: bytes) -> bytes:
    """Put a difference and its whole frame together to the canonical codestream; raises BadCodestream or TooLarge."""
    header, found = parse(base)
    tiles: dict[int, list[bytes]] = {}
    for part in found:
        tiles.setdefault(part.tile, []).append(part.data)
    changed: dict[int, list[bytes]] = {}
    for part in read_tile_parts(payload, header, HEAD_BYTES):
        changed.setdefault(part.tile, []).append(part.data)
    if any(len(parts) != header.parts for parts in changed.values()):
        raise BadCodestream("a tile of a journalled difference is not complete", HEAD_BYTES)
    return stitch(header, tiles | changed)
