"""What goes out late: whole frames from the journal, and notices of frames that could not be read."""

import hashlib
import json
from dataclasses import asdict, dataclass

from huizhen.producers.frame import Frame, Offset, Sender, frame_id, head_of, traceparent_of
from huizhen.producers.journal import Entry, Kind
from huizhen.producers.sending import Outgoing, whole
from huizhen.schemas.codestream import parse
from huizhen.schemas.errors import Refused
from huizhen.schemas.ids import GeometryId, SourceId
from huizhen.schemas.packet import Section
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.record import Clock, FrameHead, PacketMeta, packet_headers
from huizhen.schemas.rejected import ORIGINAL_MAX, Kept, Original, to_rejected
from huizhen.schemas.routing import Record
from huizhen.schemas.topics import Topic, name_of

JOURNAL = "journal"  # where an original stands that an earlier version kept
BACKFILL_MAX = 15 << 20  # value bytes: a frame stays one record of a 16 MiB topic


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a frame could not be read, and what is kept of it."""

    reason: RejectReason
    message: str
    kept: Kept


def write_failed(failure: Failure, masked: bytes) -> bytes:
    """Encode the journal's payload of a frame that could not be read; `masked`: its pixels where they were masked."""
    said = {"reason": failure.reason, "message": failure.message, "kept": asdict(failure.kept)}
    return json.dumps(said).encode() + b"\n" + (masked if len(masked) <= ORIGINAL_MAX else b"")


def read_failed(payload: bytes) -> tuple[Failure, bytes]:
    """Parse what `write_failed` made: why, and the masked pixels.

    A journal of an earlier version holds the original here. It may name the patient, so it is not given: it stays.
    """
    said, _, masked = payload.partition(b"\n")
    found = json.loads(said)
    kept = Kept(**found["kept"]) if "kept" in found else Kept(len(masked), hashlib.sha256(masked).hexdigest(), JOURNAL)
    failure = Failure(RejectReason(found["reason"]), found["message"], kept)
    return failure, masked if "kept" in found else b""


def late_record(entry: Entry, payload: bytes, sender: Sender, offset: Offset, at_ns: int) -> Record:
    """Make the record of a journalled frame: on `backfill`, or on `rejected` where it could not be read."""
    if entry.kind is Kind.FAILED:
        return _rejected(entry, payload, sender, offset, at_ns)
    made = _whole(entry, payload, sender, offset)
    topic = name_of(Topic.BACKFILL, sender.tenant)
    return Record(topic, str(sender.session), made.value, packet_headers(made.meta))


def _whole(entry: Entry, stream: bytes, sender: Sender, offset: Offset) -> Outgoing:
    header, found = parse(stream)
    parts: list[list[bytes]] = [[] for _ in range(header.tiles)]
    for part in found:
        parts[part.tile].append(part.data)
    frame = Frame(
        source=SourceId(entry.source),
        number=entry.number,
        geometry=entry.geometry,
        captured_at_ns=entry.captured_at_ns,
        monotonic_ns=entry.monotonic_ns,
        header=header,
        tiles=tuple(map(tuple, parts)),
        tile_digests=(),
        frame_digest=entry.frame_digest,
        pixel_digest=entry.pixel_digest,
    )
    return whole(frame, head_of(frame, sender, True, offset), BACKFILL_MAX, 0)[0]


def _rejected(entry: Entry, payload: bytes, sender: Sender, offset: Offset, at_ns: int) -> Record:
    failure, masked = read_failed(payload)
    identity = frame_id(sender, SourceId(entry.source), entry.number)
    head = FrameHead(
        frame=identity,
        station=sender.station,
        epoch=sender.epoch,
        geometry=GeometryId(entry.geometry),
        clock=Clock(entry.captured_at_ns, entry.monotonic_ns, offset.offset_ns, offset.uncertainty_ns),
        key=False,
        frame_digest=entry.frame_digest.hex(),
        pixel_digest=entry.pixel_digest.hex(),
        traceparent=traceparent_of(identity),
    )
    meta = PacketMeta(head, 0, 1, Section.ALL, hashlib.sha256(masked).hexdigest())
    error = Refused(failure.reason, failure.message)
    original = Original(masked, packet_headers(meta), str(sender.session).encode(), kept=failure.kept)
    return to_rejected(error, original, at_ns, sender.tenant)
