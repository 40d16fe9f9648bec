"""One frame as it comes together from packets. Pure; `assemble` decides what happens to it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from huizhen.processors.acks import Hold
from huizhen.processors.arrival import Arrived, Packet
from huizhen.schemas.codestream import MainHeader, stitch
from huizhen.schemas.errors import ChecksumMismatch, Refused
from huizhen.schemas.packet import Unchanged, tile_digest
from huizhen.schemas.reasons import RejectReason, TileState
from huizhen.schemas.record import FrameHead

Parts = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class KnownTile:
    """What is known of a tile: its tile-parts from the lowest resolution up, and how old they are."""

    state: TileState
    parts: Parts
    age: int = 0


@dataclass(eq=False, slots=True)
class Frame:
    """A frame in its window; everything in it comes from packets that were accepted."""

    head: FrameHead
    hold: Hold
    header: MainHeader | None = None
    records: list[Arrived] = field(default_factory=list)
    """The records as they came, while the frame is open"""
    is_open: bool = True
    is_exact: bool = False
    is_stripped: bool = False
    """Whether its tiles were let go"""
    is_backfilled: bool = False
    is_before_key: bool = False
    """Whether no key frame was seen before it"""
    revision: int = 0
    """Of the next thing said about it"""
    shown: int = -1
    """Complete tiles when it was last shown; -1: never"""
    packets: dict[tuple[int, int], str] = field(default_factory=dict)
    """(count, index) of what arrived, with its digest"""
    not_sent: set[tuple[int, int]] = field(default_factory=set)
    unchanged: dict[int, Unchanged] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    """Digests of packets that made a whole but wrong frame"""
    _slots: dict[int, list[bytes]] = field(default_factory=dict)
    _borrowed: dict[int, KnownTile] = field(default_factory=dict)
    _digests: dict[int, bytes] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """The frame's number."""
        return int(self.head.frame.number)

    def knows(self, packet: Packet) -> bool:
        """Say whether this packet was taken before; raises Refused where its place holds other bytes."""
        place = packet.meta.count, packet.meta.index
        if packet.body is None:
            return {(place[0], index) for index in packet.not_sent} <= self.not_sent | set(self.packets)
        if packet.meta.payload_digest in self.refused:
            return True
        digest = self.packets.get(place)
        if digest is not None and digest != packet.meta.payload_digest:
            raise Refused(
                RejectReason.CONFLICTING_DUPLICATE, f"packet {place[1]} of {place[0]} came before with other bytes"
            )
        return digest is not None

    def add(self, packet: Packet) -> None:
        """Take a packet that is not known yet; raises Refused where a tile-part is there with other bytes."""
        count, body = packet.meta.count, packet.body
        if body is None:
            self.not_sent |= {(count, index) for index in packet.not_sent}
            return
        for part in body.parts:
            slots = self._slots.get(part.tile)
            if slots and slots[part.part] not in (b"", part.data):
                raise Refused(RejectReason.CONFLICTING_DUPLICATE, f"tile {part.tile} came before with other bytes")
        parts = body.header.parts
        for part in body.parts:
            self._slots.setdefault(part.tile, [b""] * parts)[part.part] = part.data
        self.header = body.header
        self.packets[count, packet.meta.index] = packet.meta.payload_digest
        self.unchanged |= {tile.tile: tile for tile in body.unchanged}
        self.records.append(packet.record)

    def has_all(self, count: int) -> bool:
        """Say whether each of `count` packets arrived or was said not to be sent."""
        return all((count, index) in self.packets or (count, index) in self.not_sent for index in range(count))

    def missing(self) -> tuple[int, ...]:
        """Give the indexes of the packets that did not arrive."""
        counts = [count for count, _ in self.packets] or [count for count, _ in self.not_sent]
        return tuple(index for index in range(max(counts, default=0)) if (max(counts), index) not in self.packets)

    def sent_tile(self, tile: int) -> Parts | None:
        """Give the tile-parts that this frame itself carried, where all are there."""
        slots = self._slots.get(tile)
        return tuple(slots) if slots and all(slots) else None

    def digest_of(self, tile: int) -> bytes | None:
        """Give the digest of a tile that this frame itself carried whole."""
        if tile not in self._digests and (parts := self.sent_tile(tile)):
            self._digests[tile] = tile_digest(parts)
        return self._digests.get(tile)

    def lacks(self) -> list[Unchanged]:
        """Give the unchanged tiles that are not found yet."""
        return [said for tile, said in self.unchanged.items() if tile not in self._borrowed]

    def lacks_from(self, number: int) -> bool:
        """Say whether an unchanged tile is wanted from frame `number`."""
        return any(self.number - said.age == number for said in self.lacks())

    def borrow(self, find: Callable[[int], "Frame | None"]) -> None:
        """Put back the unchanged tiles whose earlier frame is there with the digest that was said."""
        for said in self.lacks():
            earlier = find(self.number - said.age)
            if earlier is not None and earlier.digest_of(said.tile) == said.digest:
                self._borrowed[said.tile] = KnownTile(TileState.UNCHANGED, earlier.sent_tile(said.tile) or (), said.age)

    def tiles(self) -> dict[int, KnownTile]:
        """Give what is known of each tile."""
        known = dict(self._borrowed)
        for tile, slots in self._slots.items():
            if tile not in known or all(slots):
                known[tile] = KnownTile(TileState.TRUE, _contiguous(slots))
        return known

    def adopt(self, whole: "Frame") -> None:
        """Take the tiles of the same frame that came whole, and was found exact."""
        self._slots, self.header, self.is_exact, self.is_backfilled = whole._slots, whole.header, True, True
        self._digests.clear()

    def strip(self) -> None:
        """Let the tiles go; what was said of the frame is remembered."""
        self.is_stripped = True
        self._clear()

    def refuse(self) -> None:
        """Drop all content as wrong, so that the right one can come; these packets change nothing any more."""
        self.refused |= set(self.packets.values())
        self._clear()

    def _clear(self) -> None:
        for held in (self.packets, self._slots, self._borrowed, self._digests, self.unchanged, self.records):
            held.clear()
        self.not_sent.clear()


def _contiguous(slots: list[bytes]) -> Parts:
    end = slots.index(b"") if b"" in slots else len(slots)
    return tuple(slots[:end])


def complete_tiles(header: MainHeader, tiles: Mapping[int, KnownTile]) -> int:
    """Count the tiles that are known at full size."""
    return sum(len(tile.parts) == header.parts for tile in tiles.values())


def has_base(header: MainHeader, tiles: Mapping[int, KnownTile]) -> bool:
    """Say whether every tile is known up to 1/4 size at least."""
    least = header.base_parts()
    return len(tiles) == header.tiles and all(len(tile.parts) >= least for tile in tiles.values())


def checked_stitch(head: FrameHead, header: MainHeader, tiles: Mapping[int, KnownTile]) -> bytes:
    """Stitch complete tiles into the canonical codestream; raises ChecksumMismatch where it is not the captured one."""
    stream = stitch(header, {index: tile.parts for index, tile in tiles.items()})
    actual = hashlib.sha256(stream).hexdigest()
    if actual != head.frame_digest:
        raise ChecksumMismatch(f"frame {head.frame.number}", head.frame_digest, actual)
    return stream
