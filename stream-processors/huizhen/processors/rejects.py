"""Refused records: the original bytes with the reason, where they came from, and their headers under `orig_`. Pure."""

from collections.abc import Iterable

from huizhen.processors.arrival import Arrived
from huizhen.schemas.envelope import HEADER_VALUE_MAX, HEADERS_MAX, Envelope, to_headers
from huizhen.schemas.errors import BadId, BadInput
from huizhen.schemas.ids import SessionId
from huizhen.schemas.routing import Record
from huizhen.schemas.topics import FRAME_RECORD_MAX, Topic, name_of, tenant_of

REJECTED_TYPE = "rejected.v1"
ERROR = "huizhen-error"
CUT = "huizhen-cut"
UNKNOWN = "unknown"
ORIGINAL = "orig_"
OURS = 12  # headers this module adds itself
HEADERS_BYTES_MAX = 256 << 10  # of the original headers in sum; a packet's are 2 KB
VALUE_MAX = FRAME_RECORD_MAX - (512 << 10)  # a longer value is cut, so that the topic's own limit never stops a refusal


def rejected(record: Arrived, error: BadInput, at_ns: int) -> Record:
    """Make the record on `rejected` of a refused one. `at_ns`: UTC nanoseconds since 1970."""
    place = f"{record.topic}/{record.partition}/{record.offset}"
    envelope = Envelope(
        type=REJECTED_TYPE,
        id=place,
        source=f"urn:huizhen:{tenant_of(record.topic) or UNKNOWN}",
        subject=place,
        time_ns=at_ns,
        extra={
            "reason": error.reason.encode(),
            "origtopic": record.topic.encode(),
            "origpartition": str(record.partition).encode(),
            "origoffset": str(record.offset).encode(),
        },
    )
    headers = [*to_headers(envelope), (ERROR, str(error).encode("utf-8", "replace")), *_originals(record.headers)]
    if len(record.value) > VALUE_MAX:
        headers.append((CUT, str(len(record.value)).encode()))
    return Record(name_of(Topic.REJECTED), _session(record.key), record.value[:VALUE_MAX], headers)


def _session(key: bytes) -> str:
    try:
        return SessionId(key.decode("ascii"))
    except (BadId, UnicodeDecodeError):
        return UNKNOWN


def _originals(headers: Iterable[tuple[str, bytes | None]]) -> list[tuple[str, bytes]]:
    """Keep the headers as far as they fit: names that can be printed, values of bounded size."""
    kept: list[tuple[str, bytes]] = []
    room = HEADERS_BYTES_MAX
    for name, value in headers:
        size = len(value or b"")
        if len(kept) == HEADERS_MAX - OURS or size > HEADER_VALUE_MAX or size > room or not name.isprintable():
            continue
        room -= size
        kept.append((f"{ORIGINAL}{name[:64]}", value or b""))
    return kept
