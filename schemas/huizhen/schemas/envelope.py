"""CloudEvents 1.0 in Kafka binary mode: metadata in headers, the value untouched (cloudevents.io, Kafka binding 1.0).

Extension names are lower-case alphanumeric; headers never hold patient data, host names or addresses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cloudevents.core.bindings.kafka import KafkaMessage, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from huizhen.schemas.errors import BadEnvelope, shown

Headers = list[tuple[str, bytes]]
PREFIX = "org.huizhen."
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HEADERS_MAX = 64
HEADER_VALUE_MAX = 32 << 10  # provenance of 4,096 tiles is 28 KiB
FORMAT = JSONFormat()


@dataclass(frozen=True, slots=True)
class Envelope:
    """The CloudEvents attributes of a record; `extra` holds its extensions and its headers outside CloudEvents."""

    type: str
    id: str
    source: str
    subject: str
    time_ns: int
    extra: Mapping[str, bytes]
    content_type: str = "application/octet-stream"
    dataschema: str = ""

    def text(self, name: str) -> str:
        """Give an extension as text; raises BadEnvelope where it is absent or no ASCII."""
        try:
            return self.extra[name].decode("ascii")
        except (KeyError, UnicodeDecodeError) as error:
            raise BadEnvelope(f"header ce_{name} is missing or no ASCII text") from error

    def number(self, name: str, lowest: int = 0) -> int:
        """Give an extension as a whole number of at most 20 characters."""
        text = self.text(name)
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(text) <= 20) or int(text) < lowest:
            raise BadEnvelope(f"header ce_{name} is {shown(text)}: a whole number from {lowest} is wanted")
        return int(text)


def time_of(time_ns: int) -> datetime:
    """Turn UTC nanoseconds since 1970 into a datetime (to the microsecond)."""
    return EPOCH + timedelta(microseconds=time_ns // 1000)


def to_headers(envelope: Envelope) -> Headers:
    """Encode an envelope as Kafka headers through the CloudEvents library."""
    attributes: dict[str, object] = {
        "id": envelope.id,
        "source": envelope.source,
        "type": PREFIX + envelope.type,
        "specversion": "1.0",
        "subject": envelope.subject,
        "time": time_of(envelope.time_ns),
        "datacontenttype": envelope.content_type,
    }
    if envelope.dataschema:
        attributes["dataschema"] = envelope.dataschema
    extensions = {name: value.decode("ascii") for name, value in envelope.extra.items() if name.isalnum()}
    message: KafkaMessage = to_binary(CloudEvent(attributes=attributes | extensions, data=b""), FORMAT)
    others = [(name, value) for name, value in envelope.extra.items() if not name.isalnum()]
    return [*message.headers.items(), *others]


def from_headers(headers: Iterable[tuple[str, bytes | None]] | None) -> Envelope:
    """Parse Kafka headers; raises BadEnvelope. Unknown extensions are kept, nothing is trusted beyond its shape."""
    found: dict[str, bytes] = {}
    for name, value in headers or ():
        if len(found) >= HEADERS_MAX or value is None or len(value) > HEADER_VALUE_MAX or name in found:
            raise BadEnvelope(f"header {shown(name)} is empty, doubled, too long or one too many")
        if not name.isascii() and any("\ud800" <= each <= "\udfff" for each in name):
            raise BadEnvelope(f"the name of header {len(found)} is no UTF-8 text")
        found[name] = value
    if found.pop("ce_specversion", b"") != b"1.0":
        raise BadEnvelope("ce_specversion is not 1.0: no CloudEvents record")
    core = {name: _text(found.pop(f"ce_{name}", b""), name) for name in ("type", "id", "source", "subject", "time")}
    if not (core["type"].startswith(PREFIX) and core["id"] and core["source"]):
        raise BadEnvelope(f"ce_type {shown(core['type'])}, ce_id or ce_source is not ours")
    return Envelope(
        type=core["type"].removeprefix(PREFIX),
        id=core["id"],
        source=core["source"],
        subject=core["subject"],
        time_ns=_time_ns(core["time"]),
        content_type=_text(found.pop("content-type", b""), "content-type"),
        dataschema=_text(found.pop("ce_dataschema", b""), "dataschema"),
        extra={name.removeprefix("ce_"): value for name, value in found.items()},
    )


def _text(value: bytes, name: str) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadEnvelope(f"header {name} is no UTF-8 text") from error


def _time_ns(text: str) -> int:
    if not text:
        return 0
    try:
        since = datetime.fromisoformat(text) - EPOCH
    except (ValueError, TypeError, OverflowError) as error:
        raise BadEnvelope(f"ce_time {shown(text)} is no RFC 3339 time with a zone") from error
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000
