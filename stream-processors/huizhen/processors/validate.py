"""Hold a record against its digests, its topic, its session and its geometry. Pure.

Two kinds of refusal: a packet's (corrupt or foreign bytes; the frame may still become exact by a resend) and a frame's,
which is final (`REASONS_OF_FRAMES`): the content is not what was announced, however often it is sent.
"""

import hashlib
from functools import lru_cache

from huizhen.processors.arrival import Arrived, Packet
from huizhen.processors.sessions import KnownSession, Sessions
from huizhen.schemas.codestream import MainHeader
from huizhen.schemas.errors import BadEnvelope, BadInput, ChecksumMismatch, Refused, shown
from huizhen.schemas.packet import Section, read_body, read_not_sent
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.record import FrameHead, PacketMeta, read_packet_headers
from huizhen.schemas.topics import Topic, tenant_of

REASONS_OF_FRAMES = frozenset(
    {
        RejectReason.BAD_DICOM,
        RejectReason.BAD_IDENTITY,
        RejectReason.CODING_CHANGED,
        RejectReason.FRAME_SIZE_CHANGED,
        RejectReason.TOO_LARGE,
    }
)


def read_meta(record: Arrived) -> PacketMeta:
    """Read a record's headers and hold them against its topic and key; raises BadInput."""
    meta = read_packet_headers(record.headers)
    stream = meta.head.frame.stream
    if stream.tenant != tenant_of(record.topic):
        raise Refused(RejectReason.WRONG_TENANT, f"a packet of {stream.tenant} on the topic of another institution")
    if record.key != stream.session.encode():
        raise BadEnvelope(f"the key is {shown(record.key.decode('ascii', 'replace'))}, its session is {stream.session}")
    return meta


def is_announced(meta: PacketMeta, sessions: Sessions) -> bool:
    """Say whether the packet's session and geometry are known; where not, the topics may not have been read so far."""
    head = meta.head
    return sessions.source(head.frame.stream) is not None and (
        meta.section is Section.NOT_SENT or sessions.geometry(head.frame.stream, head.geometry) is not None
    )


def read_packet(record: Arrived, meta: PacketMeta, sessions: Sessions) -> Packet:
    """Hold a record against what was announced and parse it; raises BadInput."""
    head = meta.head
    stream = head.frame.stream
    session = sessions.find(stream.tenant, stream.session)
    if session is None or stream.source not in session.sources:
        raise Refused(RejectReason.UNKNOWN_SESSION, f"nobody announced {stream}")
    if session.refusal is not None:
        raise Refused(session.refusal.reason, f"session {stream.session} was refused: {session.refusal}")
    if _is_stale(head, session):
        raise Refused(RejectReason.STALE_EPOCH, f"epoch {head.epoch} captured after epoch {session.epoch} had begun")
    is_backfill = record.topic.endswith(f".{Topic.BACKFILL}")
    digest = hashlib.sha256(record.value).hexdigest()
    if digest != meta.payload_digest:
        raise ChecksumMismatch(f"packet {meta.index} of frame {head.frame.number}", meta.payload_digest, digest)
    if meta.section is Section.NOT_SENT:
        return Packet(record, meta, None, read_not_sent(record.value, meta.count), is_backfill)
    body = read_body(record.value)
    _check_geometry(body.header, head, sessions)
    return Packet(record, meta, body, (), is_backfill)


def _is_stale(head: FrameHead, session: KnownSession) -> bool:
    """Say whether the packet's producer was fenced off: it captured after a newer one had announced itself.

    What it captured before is good, and may well come after the newer producer's Announced: topics have no order among
    each other. Within one topic the window knows (`assemble`).
    """
    return head.epoch < session.epoch and head.clock.captured_at_ns >= session.announced_at_ns


def _check_geometry(header: MainHeader, head: FrameHead, sessions: Sessions) -> None:
    geometry = sessions.geometry(head.frame.stream, head.geometry)
    if geometry is None:
        raise Refused(RejectReason.UNKNOWN_GEOMETRY, f"nobody declared geometry {head.geometry} of {head.frame.stream}")
    if isinstance(geometry, BadInput):
        raise Refused(geometry.reason, f"geometry {head.geometry} of {head.frame.stream} was refused: {geometry}")
    if not geometry.pixels.fits(header):
        raise Refused(
            RejectReason.FRAME_SIZE_CHANGED,
            f"{header.columns}×{header.rows}×{header.components} of {header.bits} bits; geometry {head.geometry} says"
            f" {geometry.pixels.columns}×{geometry.pixels.rows}×{geometry.pixels.samples_per_pixel}"
            f" of {geometry.pixels.bits_stored} bits: declare a new geometry before frames of another size",
        )
    if header_digest(header) != geometry.coding_digest:
        raise Refused(
            RejectReason.CODING_CHANGED,
            f"the main header is not the one geometry {head.geometry} declares: tiles of another coding cannot be"
            " stitched",
        )


@lru_cache(maxsize=1024)  # one per geometry in use
def header_digest(header: MainHeader) -> str:
    """Give the SHA-256 (hex) of a main header as it is encoded."""
    return hashlib.sha256(header.encode()).hexdigest()
