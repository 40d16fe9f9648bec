"""A small exam for tests: real coded frames as a station would send them, without a station."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.arrival import Arrived
from huizhen.processors.sessions import Sessions
from huizhen.schemas import htj2k
from huizhen.schemas.codestream import MainHeader, stitch
from huizhen.schemas.envelope import Headers
from huizhen.schemas.events import Announced, GeometryDeclared, Sealed, SealedSource, SourceInfo
from huizhen.schemas.ids import (
    Epoch,
    FrameId,
    FrameNumber,
    GeometryId,
    SessionId,
    SourceId,
    StationId,
    StreamId,
    TenantId,
)
from huizhen.schemas.packet import Section, Unchanged, split, tile_digest, write_not_sent
from huizhen.schemas.record import Clock, FrameHead, PacketMeta, packet_headers
from huizhen.schemas.topics import Topic, name_of

TRACE = f"00-{'1' * 32}-{'2' * 16}-01"
US_MULTI_FRAME = "1.2.840.10008.5.1.4.1.1.3.1"


@dataclass(frozen=True, slots=True)
class Sent:
    """A record as the station sends it."""

    headers: Headers
    value: bytes
    meta: PacketMeta


@dataclass(frozen=True, slots=True)
class Coded:
    """A frame as the station coded it."""

    head: FrameHead
    header: MainHeader
    tiles: Mapping[int, Sequence[bytes]]
    unchanged: tuple[Unchanged, ...] = ()
    stream: bytes = field(default=b"", repr=False)

    def packets(self, count: int = 1) -> list[Sent]:
        """Cut it as the station does: 1 packet or 5."""
        sent = {tile: parts for tile, parts in self.tiles.items() if tile not in {one.tile for one in self.unchanged}}
        cut = split(self.header, sent, self.unchanged, count)
        return [self.sent(index, len(cut), section, value) for index, (section, value) in enumerate(cut)]

    def whole(self) -> Sent:
        """Give it as it goes on backfill."""
        ((section, value),) = split(self.header, self.tiles, (), 1, 15 << 20)
        return self.sent(0, 1, section, value)

    def not_sent(self, indexes: Iterable[int], count: int) -> Sent:
        """Give the notice that some packets were not sent."""
        return self.sent(0, count, Section.NOT_SENT, write_not_sent(indexes))

    def sent(self, index: int, count: int, section: Section, value: bytes) -> Sent:
        """Put headers on a value."""
        meta = PacketMeta(self.head, index, count, section, hashlib.sha256(value).hexdigest())
        return Sent(packet_headers(meta), value, meta)


@dataclass(slots=True)
class Exam:
    """One source of one session."""

    tenant: str = "clinic"
    session: str = "exam-1"
    source: str = "probe"
    epoch: int = 1
    geometry: int = 0
    tile: int = 32
    bits: int = 8
    signed: bool = False
    started_ns: int = 1_760_000_000_000_000_000
    period_ns: int = 33_000_000

    @property
    def stream(self) -> StreamId:
        return StreamId(TenantId(self.tenant), SessionId(self.session), SourceId(self.source))

    def announced(self, **changes: object) -> Announced:
        """Announce the session."""
        source = SourceInfo(self.source, "probe", US_MULTI_FRAME, "default", 1, 30.0)
        event = Announced(
            "alliance", self.tenant, "main", "room-1", "station-1", self.session, self.epoch, self.started_ns,
            [source], "US", "B", 4, "1.2.3.4", patient_id="4711", patient_name="Test^Only",
        )  # fmt: skip
        return replace(event, **changes)  # type: ignore[arg-type] # fields of the event

    def declared(self, frame: Coded) -> GeometryDeclared:
        """Declare the geometry that a frame has."""
        header = frame.header
        return GeometryDeclared(
            self.tenant, self.session, self.source, self.geometry, self.epoch, self.started_ns, header.columns,
            header.rows, header.components, header.bits, int(header.signed),
            "RGB" if header.components == 3 else "MONOCHROME2", header.tile, header.levels,
            hashlib.sha256(header.encode()).hexdigest(),
        )  # fmt: skip

    def sealed(self, frames: int) -> Sealed:
        """End the session."""
        return Sealed(
            self.tenant, self.session, self.epoch, self.started_ns, [SealedSource(self.source, frames, "0" * 64)]
        )

    def frame(self, number: int, pixels: NDArray[np.generic], key: bool = True, before: Coded | None = None) -> Coded:
        """Code a frame; tiles that are the same as in `before` are declared unchanged, unless it is a key frame."""
        header, tiles = htj2k.code_tiles(pixels, self.bits, self.signed, self.tile)
        stream = stitch(header, tiles)
        dtype = f"<{'i' if self.signed else 'u'}{1 if self.bits == 8 and not self.signed else 2}"
        head = FrameHead(
            FrameId(self.stream, FrameNumber(number)),
            StationId("station-1"),
            Epoch(self.epoch),
            GeometryId(self.geometry),
            Clock(self.started_ns + number * self.period_ns, number * self.period_ns),
            key,
            hashlib.sha256(stream).hexdigest(),
            hashlib.sha256(np.ascontiguousarray(pixels, dtype).tobytes()).hexdigest(),
            TRACE,
        )
        unchanged: tuple[Unchanged, ...] = ()
        if before is not None and not key:
            unchanged = tuple(_unchanged(before, tile, parts, number) for tile, parts in tiles.items()
                              if _is_same(before, tile, parts))  # fmt: skip
        return Coded(head, header, tiles, unchanged, stream)


def known_sessions(exam: Exam, frame: Coded) -> Sessions:
    """Give the registry of a worker that has read the exam's announcement."""
    sessions = Sessions()
    sessions.announce(exam.announced())
    sessions.declare(exam.declared(frame))
    return sessions


def arrived(sent: Sent, offset: int = 0, topic: Topic = Topic.PACKETS, **changes: object) -> Arrived:
    """Give a record as the worker sees it."""
    stream = sent.meta.head.frame.stream
    record = Arrived(
        name_of(topic, stream.tenant), 0, offset, 0, stream.session.encode(), tuple(sent.headers), sent.value
    )
    return replace(record, **changes)  # type: ignore[arg-type] # fields of the record


def _is_same(before: Coded, tile: int, parts: Sequence[bytes]) -> bool:
    return list(before.tiles[tile]) == list(parts)


def _unchanged(before: Coded, tile: int, parts: Sequence[bytes], number: int) -> Unchanged:
    for said in before.unchanged:
        if said.tile == tile:
            return replace(said, age=said.age + number - int(before.head.frame.number))
    return Unchanged(tile, number - int(before.head.frame.number), tile_digest(parts))


def moving(number: int, rows: int = 96, columns: int = 160) -> NDArray[np.uint8]:
    """Make a grey frame whose left half moves with the number and whose right half stands still."""
    y, x = np.mgrid[0:rows, 0:columns]
    still = (x * 3 + y * 5) % 251
    left = (np.hypot(x - columns / 4, y - rows / 2 - number) * 9) % 256
    return np.asarray(np.where(x < columns // 2, left, still), np.uint8)


def exam_frames(exam: Exam, count: int, key_every: int = 5) -> list[Coded]:
    """Code `count` frames with a key frame every so many."""
    frames: list[Coded] = []
    for number in range(count):
        before = frames[-1] if frames else None
        frames.append(exam.frame(number, moving(number), number % key_every == 0, before))
    return frames
