"""Our private block: which frame is which, and the digests that prove it (documented in docs/topics/archive.md).

Group 0099, creator "HUIZHEN 1". Element 01 tenant, session and source; 02 frame numbers; 03 SHA-256 digests of the
codestreams as they lie here and 04 of the captured samples, 32 bytes a frame; 05 capture times by the station's clock
and 06 their offsets to the cloud's, ns; 07 epochs; 08 geometry id; 09 kind of instance. Of a derived instance also 0A,
how each of its tiles was filled (JSON), and 0B, the digests of the codestreams as captured, which it does not hold.
Whole numbers are 8 bytes a frame, little-endian, signed, in OB: the common checkers do not read more than one UV.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from pydicom import Dataset

from huizhen.schemas.errors import Refused
from huizhen.schemas.private_block import CREATOR, GEOMETRY, GROUP
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.record import TileOrigin
from huizhen.sinks.plan import DERIVED, Plan

DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Frames:
    """What an instance of ours says of its frames."""

    tenant: str
    session: str
    source: str
    kind: str
    numbers: tuple[int, ...]
    frame_digests: tuple[str, ...]
    pixel_digests: tuple[str, ...]
    captured_at_ns: tuple[int, ...]


def add_private(dataset: Dataset, plan: Plan) -> None:
    """Write the block."""
    frames = plan.frames
    block = dataset.private_block(GROUP, CREATOR, create=True)
    block.add_new(0x01, "LO", [plan.stream.tenant, plan.stream.session, plan.stream.source])
    block.add_new(0x02, "OB", _packed([each.number for each in frames]))
    block.add_new(0x03, "OB", b"".join(bytes.fromhex(each.stored_digest) for each in frames))
    block.add_new(0x04, "OB", b"".join(bytes.fromhex(each.pixel_digest) for each in frames))
    block.add_new(0x05, "OB", _packed([each.captured_at_ns for each in frames]))
    block.add_new(0x06, "OB", _packed([each.clock_offset_ns for each in frames]))
    block.add_new(0x07, "OB", _packed([each.epoch for each in frames]))
    block.add_new(GEOMETRY, "OB", _packed([plan.geometry.geometry]))
    block.add_new(0x09, "CS", plan.kind.upper())
    if plan.kind == DERIVED:
        block.add_new(0x0A, "UT", json.dumps([_provenance(each.tiles) for each in frames], separators=(",", ":")))
        block.add_new(0x0B, "OB", b"".join(bytes.fromhex(each.frame_digest) for each in frames))


def _provenance(tiles: Sequence[TileOrigin]) -> list[list[object]]:
    """List the tiles that are not exact: index, state, age in frames, expected error in grey levels."""
    listed: list[list[object]] = []
    for index, tile in enumerate(tiles):
        if not tile.state.is_exact:
            listed.append([index, str(tile.state), tile.age, round(tile.expected_error, 3)])
    return listed


def read_private(dataset: Dataset) -> Frames:
    """Read the block; raises Refused (bad_dicom) where it is not there or not whole."""
    try:
        block = dataset.private_block(GROUP, CREATOR)
        tenant, session, source = (str(each) for each in block[0x01].value)
        numbers = _unpacked(block[0x02].value)
        frames, pixels = _digests(block[0x03].value), _digests(block[0x04].value)
        times, kind = _unpacked(block[0x05].value), str(block[0x09].value).lower()
    except (KeyError, ValueError, TypeError, struct.error) as error:
        raise Refused(RejectReason.BAD_DICOM, "the instance has no whole block of ours (0099, HUIZHEN 1)") from error
    if not len(numbers) == len(frames) == len(pixels) == len(times):
        raise Refused(RejectReason.BAD_DICOM, f"{len(numbers)} frame numbers, {len(frames)} digests")
    return Frames(tenant, session, source, kind, numbers, frames, pixels, times)


def _packed(values: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(values)}q", *values)


def _unpacked(value: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(value) // 8}q", value)


def _digests(value: bytes) -> tuple[str, ...]:
    return tuple(value[at : at + DIGEST_BYTES].hex() for at in range(0, len(value), DIGEST_BYTES))
