"""The metadata of a packet and of a stitched frame, as CloudEvents headers."""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from huizhen.schemas.envelope import Envelope, Headers, from_headers, to_headers
from huizhen.schemas.errors import BadEnvelope, shown
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
from huizhen.schemas.packet import PACKETS_MAX, Section
from huizhen.schemas.reasons import TileState

SHA256 = re.compile(r"[0-9a-f]{64}")
TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")  # W3C Trace Context
PACKET_TYPE = "packet.v1"
FRAME_TYPE = "frame.v1"
PROVENANCE = "huizhen-provenance"
TILE = struct.Struct(">BHf")
STATES = tuple(TileState)


@dataclass(frozen=True, slots=True)
class Clock:
    """When a frame was captured, and how the station's clock stands to the cloud's."""

    captured_at_ns: int
    """UTC, nanoseconds since 1970, by the station's clock"""
    monotonic_ns: int
    """The station's monotonic clock"""
    offset_ns: int = 0
    """Cloud time less station time"""
    uncertainty_ns: int = 0
    """Half width of the offset's interval; 0 where it was never measured"""

    @property
    def captured_at_cloud_ns(self) -> int:
        """Give the capture time by the cloud's clock, UTC nanoseconds since 1970."""
        return self.captured_at_ns + self.offset_ns


@dataclass(frozen=True, slots=True)
class FrameHead:
    """What packets and stitched frames say alike of a frame."""

    frame: FrameId
    station: StationId
    epoch: Epoch
    geometry: GeometryId
    clock: Clock
    key: bool
    frame_digest: str
    """SHA-256 (hex) of the canonical codestream as captured"""
    pixel_digest: str
    """SHA-256 (hex) of the captured samples, C order, little-endian"""
    traceparent: str

    def __post_init__(self) -> None:
        for digest in (self.frame_digest, self.pixel_digest):
            if SHA256.fullmatch(digest) is None:
                raise BadEnvelope(f"{shown(digest)} is no SHA-256 in hex")
        if TRACEPARENT.fullmatch(self.traceparent) is None:
            raise BadEnvelope(f"{shown(self.traceparent)} is no W3C traceparent")


@dataclass(frozen=True, slots=True)
class PacketMeta:
    """The headers of a record on `packets` or `backfill`."""

    head: FrameHead
    index: int
    count: int
    section: Section
    payload_digest: str

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.count <= PACKETS_MAX:
            raise BadEnvelope(f"packet {self.index} of {self.count}: must be below its count, at most {PACKETS_MAX}")
        if SHA256.fullmatch(self.payload_digest) is None:
            raise BadEnvelope(f"{shown(self.payload_digest)} is no SHA-256 in hex")


@dataclass(frozen=True, slots=True)
class TileOrigin:
    """Where a shown tile comes from: its state, its age in frames, its expected error in grey levels."""

    state: TileState
    age: int = 0
    expected_error: float = 0.0


@dataclass(frozen=True, slots=True)
class FrameMeta:
    """The headers of a record on `frames`."""

    head: FrameHead
    revision: int
    exact: bool
    closed_at_ns: int
    """When the processor closed the frame, UTC nanoseconds since 1970"""
    tiles: tuple[TileOrigin, ...]
    """One per tile in order; empty: all true"""


def supersedes(new: FrameMeta, old: FrameMeta) -> bool:
    """Say whether a record of the same frame takes the place of the one a reader has, however often they are replayed.

    A higher epoch beats a lower one, exact beats filled, then the higher revision wins; equal ones change nothing.
    """
    return (new.head.epoch, new.exact, new.revision) > (old.head.epoch, old.exact, old.revision)


def _head_to_extra(head: FrameHead) -> dict[str, bytes]:
    stream = head.frame.stream
    values: dict[str, object] = {
        "tenantid": stream.tenant,
        "sessionid": stream.session,
        "sourceid": stream.source,
        "stationid": head.station,
        "framenumber": int(head.frame.number),
        "epoch": int(head.epoch),
        "geometryid": int(head.geometry),
        "keyframe": int(head.key),
        "capturedatns": head.clock.captured_at_ns,
        "monotonicns": head.clock.monotonic_ns,
        "clockoffsetns": head.clock.offset_ns,
        "clockuncertaintyns": head.clock.uncertainty_ns,
        "framedigest": head.frame_digest,
        "pixeldigest": head.pixel_digest,
        "traceparent": head.traceparent,
    }
    return {name: str(value).encode("ascii") for name, value in values.items()}


def _head_from(envelope: Envelope) -> FrameHead:
    text, number = envelope.text, envelope.number
    stream = StreamId(TenantId(text("tenantid")), SessionId(text("sessionid")), SourceId(text("sourceid")))
    any_number = -(1 << 63)
    return FrameHead(
        frame=FrameId(stream, FrameNumber(number("framenumber"))),
        station=StationId(text("stationid")),
        epoch=Epoch(number("epoch")),
        geometry=GeometryId(number("geometryid")),
        clock=Clock(
            number("capturedatns"),
            number("monotonicns"),
            number("clockoffsetns", any_number),
            number("clockuncertaintyns"),
        ),
        key=number("keyframe") == 1,
        frame_digest=text("framedigest"),
        pixel_digest=text("pixeldigest"),
        traceparent=text("traceparent"),
    )


def source_urn(head: FrameHead) -> str:
    """Name the sender: a URN of ids only."""
    stream = head.frame.stream
    return f"urn:huizhen:{stream.tenant}:{head.station}:{stream.source}"


def _headers(head: FrameHead, kind: str, suffix: str, more: dict[str, bytes], time_ns: int) -> Headers:
    envelope = Envelope(
        type=kind,
        id=f"{head.frame}/{int(head.epoch)}/{suffix}",
        source=source_urn(head),
        subject=str(head.frame),
        time_ns=time_ns,
        extra=_head_to_extra(head) | more,
    )
    return to_headers(envelope)


def packet_headers(meta: PacketMeta) -> Headers:
    """Encode a packet's metadata."""
    more = {
        "packetindex": str(meta.index).encode(),
        "packetcount": str(meta.count).encode(),
        "section": meta.section.encode(),
        "payloaddigest": meta.payload_digest.encode(),
    }
    suffix = f"{meta.section}-{meta.index}"
    return _headers(meta.head, PACKET_TYPE, suffix, more, meta.head.clock.captured_at_ns)


def read_packet_headers(headers: Sequence[tuple[str, bytes | None]] | None) -> PacketMeta:
    """Parse a packet's metadata; raises BadEnvelope or BadId."""
    envelope = from_headers(headers)
    if envelope.type != PACKET_TYPE:
        raise BadEnvelope(f"ce_type {shown(envelope.type)} is not {PACKET_TYPE}")
    section = envelope.text("section")
    if section not in set(Section):
        raise BadEnvelope(f"section {shown(section)} is not one of {', '.join(Section)}")
    return PacketMeta(
        head=_head_from(envelope),
        index=envelope.number("packetindex"),
        count=envelope.number("packetcount", 1),
        section=Section(section),
        payload_digest=envelope.text("payloaddigest"),
    )


def frame_headers(meta: FrameMeta) -> Headers:
    """Encode a stitched frame's metadata; provenance is 7 bytes a tile, outside CloudEvents."""
    more = {
        "revision": str(meta.revision).encode(),
        "exact": str(int(meta.exact)).encode(),
        "closedatns": str(meta.closed_at_ns).encode(),
    }
    if meta.tiles:
        more[PROVENANCE] = b"".join(
            TILE.pack(STATES.index(tile.state), min(tile.age, 0xFFFF), tile.expected_error) for tile in meta.tiles
        )
    return _headers(meta.head, FRAME_TYPE, f"r{meta.revision}", more, meta.closed_at_ns)


def read_frame_headers(headers: Sequence[tuple[str, bytes | None]] | None) -> FrameMeta:
    """Parse a stitched frame's metadata; raises BadEnvelope or BadId."""
    envelope = from_headers(headers)
    if envelope.type != FRAME_TYPE:
        raise BadEnvelope(f"ce_type {shown(envelope.type)} is not {FRAME_TYPE}")
    return FrameMeta(
        head=_head_from(envelope),
        revision=envelope.number("revision"),
        exact=envelope.number("exact") == 1,
        closed_at_ns=envelope.number("closedatns"),
        tiles=_read_provenance(envelope.extra.get(PROVENANCE, b"")),
    )


def _read_provenance(block: bytes) -> tuple[TileOrigin, ...]:
    if len(block) % TILE.size:
        raise BadEnvelope(f"a provenance block of {len(block)} bytes is no multiple of {TILE.size}")
    rows = TILE.iter_unpack(block)
    try:
        return tuple(TileOrigin(STATES[state], age, error) for state, age, error in rows)
    except IndexError as error:
        raise BadEnvelope("a provenance block names an unknown tile state") from error
