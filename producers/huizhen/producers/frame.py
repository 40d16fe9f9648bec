"""A coded frame on its way out, and what its packets say of it."""

import hashlib
from dataclasses import dataclass

from huizhen.producers.coder import Parts
from huizhen.schemas.codestream import MainHeader
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
from huizhen.schemas.record import Clock, FrameHead


@dataclass(frozen=True, slots=True)
class Offset:
    """How the station's clock stands to the cloud's."""

    offset_ns: int = 0
    """Cloud time less station time"""
    uncertainty_ns: int = 0
    """Half width of the interval; 0 where it was never measured"""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who publishes: the same for every frame of a process."""

    tenant: TenantId
    session: SessionId
    station: StationId
    epoch: Epoch


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame that can be sent whole."""

    source: SourceId
    number: int
    geometry: int
    captured_at_ns: int
    monotonic_ns: int
    header: MainHeader
    tiles: tuple[Parts, ...]
    tile_digests: tuple[bytes, ...]
    frame_digest: bytes
    pixel_digest: bytes

    @property
    def size_bytes(self) -> int:
        """Bytes of its tile-parts."""
        return sum(len(part) for parts in self.tiles for part in parts)


def frame_id(sender: Sender, source: SourceId, number: int) -> FrameId:
    """Give the id of a frame."""
    return FrameId(StreamId(sender.tenant, sender.session, source), FrameNumber(number))


def head_of(frame: Frame, sender: Sender, key: bool, offset: Offset) -> FrameHead:
    """Say what all packets of a frame say alike."""
    identity = frame_id(sender, frame.source, frame.number)
    return FrameHead(
        frame=identity,
        station=sender.station,
        epoch=sender.epoch,
        geometry=GeometryId(frame.geometry),
        clock=Clock(frame.captured_at_ns, frame.monotonic_ns, offset.offset_ns, offset.uncertainty_ns),
        key=key,
        frame_digest=frame.frame_digest.hex(),
        pixel_digest=frame.pixel_digest.hex(),
        traceparent=traceparent_of(identity),
    )


def traceparent_of(frame: FrameId) -> str:
    """Give a frame's W3C traceparent: made from its id, so that all its packets, live and late, are one trace."""
    digest = hashlib.sha256(str(frame).encode()).hexdigest()
    return f"00-{digest[:32]}-{digest[32:48]}-01"
