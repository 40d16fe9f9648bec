"""Records on `rejected`: the original bytes and headers as they came, why they were refused and where they stood.

The value is the original's, whole. Its headers are kept under the prefix `orig_` where a reader takes them as headers;
where there are too many, doubled, empty or long ones, all stand in one header instead, in Kafka's own layout, so that
they take no more room than they did. The CloudEvents headers are the rejection's own.

A frame that its station could not read never stood on a topic: its rejection names no topic (`""`, -1, -1) and stands
for the whole frame, where any other stands for one record, whose frame may still become exact by a resend. Its original
may name the patient, as a DICOM file does, so that it stays at the station and this is a notice: digest, size and place
of what is kept there (`Kept`), and as value the masked pixels where there are any, else nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from huizhen.schemas.envelope import HEADER_VALUE_MAX, HEADERS_MAX, Envelope, Headers, from_headers, to_headers
from huizhen.schemas.errors import BadEnvelope, BadId, BadInput, shown
from huizhen.schemas.ids import SessionId, TenantId
from huizhen.schemas.packed import RawHeaders, pack, unpack
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.routing import Record
from huizhen.schemas.topics import FRAME_RECORD_MAX, Topic, name_of, tenant_of

REJECTED_TYPE = "rejected.v1"
ORIGINAL = "orig_"
PACKED = "huizhen-orig-headers"
KEY = "huizhen-orig-key"
MESSAGE = "huizhen-error"
MESSAGE_MAX = 1024
NAME_MAX = 64  # longer header names are packed
UNKNOWN_KEY = "unknown"
SHA256 = re.compile(r"[0-9a-f]{64}")
ORIGINAL_MAX = FRAME_RECORD_MAX  # bytes that a station keeps of what it could not read, a file perhaps
OURS_MAX = 16  # headers of the rejection itself


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a refused record stood; topic "" where it never stood on one."""

    topic: str = ""
    partition: int = -1
    offset: int = -1


@dataclass(frozen=True, slots=True)
class Kept:
    """What a station keeps of a frame that it could not read."""

    size_bytes: int
    """Of the whole original, however much of it is kept"""
    digest: str
    """SHA-256 of the whole original, hexadecimal"""
    place: str
    """Below the station's folder of originals; empty where there was no room"""

    def __post_init__(self) -> None:
        if self.size_bytes < 0 or not SHA256.fullmatch(self.digest):
            raise BadEnvelope("a kept original wants a size and a SHA-256")


@dataclass(frozen=True, slots=True)
class Original:
    """A refused record as it came; of a frame that its station could not read: packet-like headers and what is kept."""

    value: bytes
    headers: RawHeaders | None = None
    key: bytes = b""
    origin: Origin = Origin()
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """What a record on `rejected` says besides the original bytes."""

    reason: RejectReason
    origin: Origin
    message: str
    original: tuple[tuple[str, bytes | None], ...]
    """The original's headers under their own names"""
    key: bytes = b""
    """The original's key where it is no session's"""
    kept: Kept | None = None
    """What its station keeps of a whole frame"""

    @property
    def is_whole_frame(self) -> bool:
        """Say whether a frame was refused at its station, not a record on its way."""
        return self.origin.topic == ""


def to_rejected(error: BadInput, original: Original, at_ns: int, tenant: TenantId | None = None) -> Record:
    """Make the record that keeps refused bytes; `error` gives reason and text, neither with patient data.

    It goes to the institution of the topic that the original came from, or to `tenant` where that topic is common; one
    of neither goes to `unclaimed`.
    """
    origin, key = original.origin, _session(original.key)
    owner = tenant_of(origin.topic) or tenant
    place = f"{origin.topic}/{origin.partition}/{origin.offset}" if origin.topic else f"station/{key}/{at_ns}"
    envelope = Envelope(
        type=REJECTED_TYPE,
        id=place,
        source=f"urn:huizhen:{owner or UNKNOWN_KEY}",
        subject=key,
        time_ns=at_ns,
        extra={
            "reason": error.reason.encode(),
            "origtopic": origin.topic.encode() or b"-",
            "origpartition": str(origin.partition).encode(),
            "origoffset": str(origin.offset).encode(),
            **_kept_headers(original.kept),
            MESSAGE: str(error).encode("ascii", "backslashreplace")[:MESSAGE_MAX] or b"-",
        },
    )
    headers = to_headers(envelope) + _originals(original.headers or ())
    if original.key and key.encode() != original.key:
        headers.append((KEY, original.key))
    return Record(name_of(Topic.REJECTED, owner) if owner else name_of(Topic.UNCLAIMED), key, original.value, headers)


def _kept_headers(kept: Kept | None) -> dict[str, bytes]:
    if kept is None:
        return {}
    place = kept.place.encode() or b"-"
    return {"keptsize": str(kept.size_bytes).encode(), "keptsha256": kept.digest.encode(), "keptplace": place}


def _kept_of(envelope: Envelope) -> Kept | None:
    if "keptsha256" not in envelope.extra:
        return None
    place = envelope.text("keptplace")
    return Kept(envelope.number("keptsize"), envelope.text("keptsha256"), "" if place == "-" else place)


def _session(key: bytes) -> str:
    try:
        return SessionId(key.decode("ascii"))
    except (BadId, UnicodeDecodeError):
        return UNKNOWN_KEY


def _originals(headers: RawHeaders) -> Headers:
    kept = {
        f"{ORIGINAL}{name}": value
        for name, value in headers
        if value is not None and len(value) <= HEADER_VALUE_MAX and len(name) <= NAME_MAX and name.isprintable()
    }
    if len(headers) == len(kept) <= HEADERS_MAX - OURS_MAX:
        return list(kept.items())
    return [(PACKED, pack(headers))]


def read_rejected(headers: Sequence[tuple[str, bytes | None]] | None) -> Rejection:
    """Parse the headers of a record on `rejected`; raises BadEnvelope."""
    found = list(headers or ())
    aside = {name: value for name, value in found if name in (PACKED, KEY)}
    envelope = from_headers([each for each in found if each[0] not in aside])
    if envelope.type != REJECTED_TYPE:
        raise BadEnvelope(f"ce_type {shown(envelope.type)} is not {REJECTED_TYPE}")
    reason = envelope.text("reason")
    if reason not in set(RejectReason):
        raise BadEnvelope(f"reason {shown(reason)} is not one of the list")
    topic = envelope.text("origtopic")
    origin = Origin(
        "" if topic == "-" else topic, envelope.number("origpartition", -1), envelope.number("origoffset", -1)
    )
    plain = [(name.removeprefix(ORIGINAL), each) for name, each in envelope.extra.items() if name.startswith(ORIGINAL)]
    message = envelope.extra.get(MESSAGE, b"").decode("ascii", "replace")
    original = (*plain, *unpack(aside.get(PACKED) or b""))
    return Rejection(RejectReason(reason), origin, message, original, aside.get(KEY) or b"", _kept_of(envelope))
