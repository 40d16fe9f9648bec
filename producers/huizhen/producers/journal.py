"""The station's journal: an append-only log of captured frames, and the rules by which a damaged one is read.

Theory of operation. A journal is a run of segment files; a segment is a run of records. A record has a
fixed head with a CRC of its own, the source's id, and a payload with a CRC. A frame is stored as its canonical
codestream, or as its difference from one of the same segment (delta.py), so that any frame can be published from its
segment alone, whatever became of the others.

Each segment begins with a STATE record (journal_state.py): everything the earlier segments said that is no pixels.
So old segments may be deleted, and opening a journal reads the heads of their records and the last segment whole.

Recovery. After a crash the tail may be torn (a record cut off), zero-filled (the file grew, its blocks never came) or
damaged in the middle (blocks of one unsynced batch came in any order). Reading goes from record to record; where none
stands, it goes on at the next byte run that is a whole record with both CRCs right. What lies between is damage and is
reported; after the last whole record the file is cut. At risk is what was not synced: settings `fsync_interval_ms`.

Head, big-endian: "HZJ" 1, u8 kind, u8 length of the source id, u16 0, u32 geometry, u64 number, u64 captured_at_ns,
u64 monotonic_ns, u32 payload length, u32 CRC of the payload, 32 bytes frame digest, 32 bytes pixel digest, u32 CRC of
all before and of the source id. Digests of other kinds than frames are zero.
"""

import hashlib
import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum, StrEnum

MAGIC = b"HZJ\x01"
HEAD = struct.Struct(">4sBBHIQQQII32s32s")
CRC = struct.Struct(">I")
HEAD_BYTES = HEAD.size + CRC.size
SOURCE_MAX = 48  # as ids
PAYLOAD_MAX = 128 << 20  # a frame of the largest size that is accepted, uncompressed
NO_DIGEST = bytes(32)


class Kind(IntEnum):
    """What a record holds."""

    STATE = 1
    FRAME = 2
    FAILED = 3
    NOTE = 4


class Stood(StrEnum):
    """How a frame came to stand in the journal."""

    WHOLE = "whole"
    DELTA = "delta"
    REFUSED = "refused"
    """Not at all: there is no room"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record without its payload."""

    kind: Kind
    source: str = ""
    number: int = 0
    geometry: int = 0
    captured_at_ns: int = 0
    monotonic_ns: int = 0
    frame_digest: bytes = NO_DIGEST
    """SHA-256 of the canonical codestream, or of the original bytes of a frame that could not be decoded"""
    pixel_digest: bytes = NO_DIGEST

    def __post_init__(self) -> None:
        if len(self.source) > SOURCE_MAX or len(self.frame_digest) != 32 or len(self.pixel_digest) != 32:
            raise ValueError(f"record of source {self.source!r}: id above {SOURCE_MAX} characters or a short digest")


@dataclass(frozen=True, slots=True)
class Placed:
    """A record as it stands in a segment: from `offset`, its payload from `payload` to `end`."""

    entry: Entry
    offset: int
    payload: int
    end: int
    payload_crc: int

    @property
    def payload_bytes(self) -> int:
        """Length of the payload."""
        return self.end - self.payload


@dataclass(frozen=True, slots=True)
class Scan:
    """What a segment holds."""

    records: tuple[Placed, ...]
    damaged: tuple[tuple[int, int], ...]
    """Byte ranges, first and one past the last, that are no records"""

    @property
    def end(self) -> int:
        """One past the last whole record: everything after it is cut off."""
        return self.records[-1].end if self.records else 0


def write_record(entry: Entry, payload: bytes) -> bytes:
    """Encode a record; raises ValueError where the payload is above PAYLOAD_MAX."""
    if len(payload) > PAYLOAD_MAX:
        raise ValueError(f"a payload of {len(payload):,} bytes, limit {PAYLOAD_MAX:,} (PAYLOAD_MAX)")
    source = entry.source.encode("ascii")
    head = HEAD.pack(
        MAGIC,
        entry.kind,
        len(source),
        0,
        entry.geometry,
        entry.number,
        entry.captured_at_ns,
        entry.monotonic_ns,
        len(payload),
        zlib.crc32(payload),
        entry.frame_digest,
        entry.pixel_digest,
    )
    return b"".join((head, CRC.pack(zlib.crc32(source, zlib.crc32(head))), source, payload))


def read_head(data: bytes | memoryview, offset: int = 0) -> Placed | None:
    """Read the head that stands at `offset`; None where no whole one does. The payload may lie beyond `data`."""
    if offset + HEAD_BYTES > len(data) or data[offset : offset + 4] != MAGIC:
        return None
    head = data[offset : offset + HEAD.size]
    _, kind, length, _, geometry, number, captured, monotonic, size, crc, frame, pixel = HEAD.unpack(head)
    payload = offset + HEAD_BYTES + length
    source = bytes(data[offset + HEAD_BYTES : payload])
    (head_crc,) = CRC.unpack_from(data, offset + HEAD.size)
    if payload > len(data) or zlib.crc32(source, zlib.crc32(head)) != head_crc:
        return None
    if kind not in Kind._value2member_map_ or length > SOURCE_MAX or size > PAYLOAD_MAX:
        return None
    entry = Entry(Kind(kind), source.decode("ascii"), number, geometry, captured, monotonic, frame, pixel)
    return Placed(entry, offset, payload, payload + size, crc)


def read_record(data: bytes | memoryview, offset: int = 0) -> Placed | None:
    """Read the record that stands at `offset`; None where no whole one does. The payload's CRC is not checked."""
    placed = read_head(data, offset)
    return placed if placed is not None and placed.end <= len(data) else None


def is_whole(data: bytes | memoryview, record: Placed) -> bool:
    """Say whether the payload is what was written."""
    return zlib.crc32(data[record.payload : record.end]) == record.payload_crc


def scan(data: bytes | memoryview, payloads: bool = True) -> Scan:
    """Find every whole record of a segment, passing over damage.

    `payloads` False checks the heads alone: O(records), for segments that were closed and synced.
    """
    records: list[Placed] = []
    damaged: list[tuple[int, int]] = []
    offset, bad_from = 0, -1
    while offset < len(data):
        record = read_record(data, offset)
        if record is not None and (not payloads or is_whole(data, record)):
            if bad_from >= 0:
                damaged.append((bad_from, offset))
                bad_from = -1
            records.append(record)
            offset = record.end
            continue
        bad_from = offset if bad_from < 0 else bad_from
        offset = _next_magic(data, offset + 1)
    if bad_from >= 0:
        damaged.append((bad_from, len(data)))
    return Scan(tuple(records), tuple(damaged))


def _next_magic(data: bytes | memoryview, offset: int) -> int:
    step = 1 << 16  # searched in slices, so that a mapped segment is never copied whole
    while offset < len(data):
        found = bytes(data[offset : offset + step + len(MAGIC) - 1]).find(MAGIC)
        if found >= 0:
            return offset + found
        offset += step
    return len(data)


def roll(digest: bytes, number: int, frame_digest: bytes) -> bytes:
    """Give the rolling digest after one more journalled frame: SHA-256 of digest, number (8 bytes) and frame digest."""
    return hashlib.sha256(digest + number.to_bytes(8, "big") + frame_digest).digest()
