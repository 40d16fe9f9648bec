"""A frame as the archive holds it until it is stored: what is said of it, and where its bytes wait."""

import hashlib
from dataclasses import dataclass

from huizhen.schemas.codestream import MainHeader, read_header
from huizhen.schemas.errors import ChecksumMismatch, Refused
from huizhen.schemas.events import GeometryDeclared
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.record import FrameMeta, TileOrigin


@dataclass(frozen=True, slots=True)
class Ref:
    """Where a frame's codestream waits on this machine's disk."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Held:
    """One frame that waits to be stored."""

    number: int
    geometry: int
    epoch: int
    revision: int
    captured_at_ns: int
    """By the station's clock, UTC nanoseconds since 1970"""
    clock_offset_ns: int
    frame_digest: str
    """Of the codestream as captured"""
    pixel_digest: str
    stored_digest: str
    """Of the codestream that waits: the captured one's, or of a filled one its own"""
    ref: Ref
    partition: int
    offset: int
    """Of its record on `frames`: held back from the commit until the frame is stored"""
    tiles: tuple[TileOrigin, ...] = ()
    """Where filled pixels come from; empty for an exact frame"""


def held(meta: FrameMeta, codestream: bytes, ref: Ref, place: tuple[int, int]) -> Held:
    """Make what the archive keeps of a frame; `place`: partition and offset of its record."""
    head = meta.head
    digest = head.frame_digest if meta.exact else hashlib.sha256(codestream).hexdigest()
    return Held(
        number=int(head.frame.number),
        geometry=int(head.geometry),
        epoch=int(head.epoch),
        revision=meta.revision,
        captured_at_ns=head.clock.captured_at_ns,
        clock_offset_ns=head.clock.offset_ns,
        frame_digest=head.frame_digest,
        pixel_digest=head.pixel_digest,
        stored_digest=digest,
        ref=ref,
        partition=place[0],
        offset=place[1],
        tiles=() if meta.exact else meta.tiles,
    )


def check(meta: FrameMeta, codestream: bytes, geometry: GeometryDeclared) -> MainHeader:
    """Hold a frame to its digest (where it is exact) and to its geometry; raises BadInput with its reason."""
    if meta.exact:
        actual = hashlib.sha256(codestream).hexdigest()
        if actual != meta.head.frame_digest:
            raise ChecksumMismatch(f"frame {int(meta.head.frame.number)}", meta.head.frame_digest, actual)
    header, _ = read_header(codestream)
    if not geometry.pixel_format.fits(header):
        raise Refused(
            RejectReason.FRAME_SIZE_CHANGED,
            f"frame {int(meta.head.frame.number)} is {header.columns}×{header.rows},"
            f" {header.components} components of {header.bits} bits; geometry {geometry.geometry} says otherwise",
        )
    same_tiles = (header.tile, header.levels) == (geometry.tile, geometry.levels)
    if not same_tiles or hashlib.sha256(header.encode()).hexdigest() != geometry.coding_digest:
        raise Refused(
            RejectReason.CODING_CHANGED,
            f"frame {int(meta.head.frame.number)} is coded otherwise than geometry {geometry.geometry} declares",
        )
    return header
