"""Records on `rejected`: the original bytes and headers as they came, why they were refused and where they stood.

The value is the original's. Its headers are kept under the prefix `orig_`; the CloudEvents headers are the rejection's
own. A frame that its station could not read never stood on a topic: its rejection names no topic (`""`, -1, -1) and
stands for the whole frame, where any other stands for one record, whose frame may still become exact by a resend.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from huizhen.schemas.envelope import HEADER_VALUE_MAX, HEADERS_MAX, Envelope, Headers, from_headers, to_headers
from huizhen.schemas.errors import BadEnvelope, BadInput, shown
from huizhen.schemas.ids import TenantId
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.routing import Record
from huizhen.schemas.topics import Topic, name_of

REJECTED_TYPE = "rejected.v1"
ORIGINAL = "orig_"
MESSAGE = "huizhen-error"
MESSAGE_MAX = 1024
UNKNOWN_KEY = "unknown"
OURS_MAX = 16  # headers of the rejection itself; what the original has above the rest is left out


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a refused record stood; topic "" where it never stood on one."""

    topic: str = ""
    partition: int = -1
    offset: int = -1


@dataclass(frozen=True, slots=True)
class Original:
    """A refused record as it came; of a frame that its station could not read: its bytes and packet-like headers."""

    value: bytes
    headers: Sequence[tuple[str, bytes | None]] | None = None
    key: str = ""
    origin: Origin = Origin()


@dataclass(frozen=True, slots=True)
class Rejection:
    """What a record on `rejected` says besides the original bytes."""

    reason: RejectReason
    origin: Origin
    message: str
    original: tuple[tuple[str, bytes], ...]
    """The original's headers under their own names"""

    @property
    def is_whole_frame(self) -> bool:
        """Say whether a frame was refused at its station, not a record on its way."""
        return self.origin.topic == ""


def to_rejected(error: BadInput, original: Original, at_ns: int, tenant: TenantId | None = None) -> Record:
    """Make the record that keeps refused bytes; `error` gives reason and text, neither with patient data."""
    origin, key = original.origin, original.key or UNKNOWN_KEY
    envelope = Envelope(
        type=REJECTED_TYPE,
        id=f"{origin.topic or 'station'}/{origin.partition}/{origin.offset}/{at_ns}",
        source=f"urn:huizhen:{tenant or UNKNOWN_KEY}",
        subject=key,
        time_ns=at_ns,
        extra={
            "reason": error.reason.encode(),
            "origtopic": origin.topic.encode() or b"-",
            "origpartition": str(origin.partition).encode(),
            "origoffset": str(origin.offset).encode(),
            MESSAGE: str(error).encode("ascii", "backslashreplace")[:MESSAGE_MAX] or b"-",
        },
    )
    kept = _originals(original.headers)
    return Record(name_of(Topic.REJECTED), key, original.value, to_headers(envelope) + kept)


def _originals(headers: Sequence[tuple[str, bytes | None]] | None) -> Headers:
    kept: dict[str, bytes] = {}
    for name, value in headers or ():
        if len(kept) < HEADERS_MAX - OURS_MAX and value is not None and len(value) <= HEADER_VALUE_MAX:
            kept.setdefault(ORIGINAL + name, value)
    return list(kept.items())


def read_rejected(headers: Sequence[tuple[str, bytes | None]] | None) -> Rejection:
    """Parse the headers of a record on `rejected`; raises BadEnvelope."""
    envelope = from_headers(headers)
    if envelope.type != REJECTED_TYPE:
        raise BadEnvelope(f"ce_type {shown(envelope.type)} is not {REJECTED_TYPE}")
    reason = envelope.text("reason")
    if reason not in set(RejectReason):
        raise BadEnvelope(f"reason {shown(reason)} is not one of the list")
    topic = envelope.text("origtopic")
    origin = Origin(
        "" if topic == "-" else topic, envelope.number("origpartition", -1), envelope.number("origoffset", -1)
    )
    original = tuple(
        (name.removeprefix(ORIGINAL), value) for name, value in envelope.extra.items() if name.startswith(ORIGINAL)
    )
    return Rejection(
        RejectReason(reason), origin, envelope.extra.get(MESSAGE, b"").decode("ascii", "replace"), original
    )
