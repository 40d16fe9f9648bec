"""Where an event goes: topic, key and headers. Pure; parts hand the result to their Kafka client."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from huizhen.schemas import avro, events
from huizhen.schemas.envelope import Envelope, Headers, from_headers, to_headers
from huizhen.schemas.errors import BadEnvelope, shown
from huizhen.schemas.ids import TenantId
from huizhen.schemas.topics import Topic, name_of


@dataclass(frozen=True, slots=True)
class Record:
    """A record ready for a Kafka producer; `value` None is a tombstone."""

    topic: str
    key: str
    value: bytes | None
    headers: Headers


TOPIC_OF: dict[type, Topic] = {
    events.Announced: Topic.SESSIONS,
    events.GeometryDeclared: Topic.SESSIONS,
    events.Progress: Topic.SESSIONS,
    events.Sealed: Topic.SESSIONS,
    events.FrameVerdict: Topic.VERDICTS,
    events.LedgerEntry: Topic.LEDGER,
    events.SealReport: Topic.LEDGER,
    events.ConsultEvent: Topic.CONSULTS,
    events.Gesture: Topic.GESTURES,
    events.Command: Topic.COMMANDS,
    events.AuditEvent: Topic.AUDIT,
}


def key_of(event: Any) -> str:
    """Give the record key of an event; compacted topics keep the newest record of each key.

    On a topic that institutions share it begins with the tenant, since session ids are each institution's own. Verdicts
    are the exception: they go to the partition of their frames, which is the session's, and nothing compacts them.
    """
    match event:
        case events.Announced():
            return f"{event.session}|announced"
        case events.GeometryDeclared():
            return f"{event.session}|geometry|{event.source}|{event.geometry}"
        case events.Progress():
            return f"{event.session}|progress|{event.source}"
        case events.Sealed():
            return f"{event.session}|sealed"
        case events.LedgerEntry():
            return f"{event.tenant}|{event.session}|{event.source}|{event.first}|{event.outcome}"
        case events.SealReport():
            return f"{event.tenant}|{event.session}|seal_report"
        case events.ConsultEvent() | events.Gesture():
            return f"{event.tenant}|{event.consult}"
        case events.Command():
            return str(event.station)
        case events.AuditEvent():
            return str(event.tenant)
    return str(event.session)


def to_record(event: Any, event_id: str, at_ns: int) -> Record:
    """Make the record of an event. `event_id`: unique with the sender; `at_ns`: UTC nanoseconds since 1970."""
    kind = type(event)
    topic = TOPIC_OF[kind]
    envelope = Envelope(
        type=f"{avro.name_of(kind)}.v{avro.VERSIONS[kind]}",
        id=event_id,
        source=f"urn:huizhen:{event.tenant}",
        subject=getattr(event, "session", "") or str(event.tenant),
        time_ns=at_ns,
        extra={},
        content_type=avro.CONTENT_TYPE,
        dataschema=avro.dataschema(kind),
    )
    return Record(name_of(topic, TenantId(event.tenant)), key_of(event), avro.encode(event), to_headers(envelope))


def read_event(headers: list[tuple[str, bytes | None]] | None, value: bytes | None) -> Any:
    """Parse an event record; raises BadEnvelope. A tombstone (`value` None) gives None."""
    if value is None:
        return None
    return avro.decode(from_headers(headers), value)


def check_place(event: Any, topic: str) -> None:
    """Refuse an event on a topic that is not its own; raises BadEnvelope, or BadId for a tenant that is none.

    A station may write its own institution's topics alone, so an event that names another institution is forged.
    """
    kind = type(event)
    if kind not in TOPIC_OF:
        raise BadEnvelope(f"{shown(kind.__name__)} is no event of its own")
    own = name_of(TOPIC_OF[kind], TenantId(event.tenant))
    if own != topic:
        raise BadEnvelope(f"a record of {own} stands on {shown(topic)}")


def as_json(event: Any) -> dict[str, Any]:
    """Give an event as plain JSON values."""
    return dataclasses.asdict(event)
