"""What a person decided about a record on `rejected`, as the audit trail carries it: who, when, why.

The record itself is never changed or taken away; the decision names the place where it stands.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from huizhen.schemas.events import AuditEvent
from huizhen.schemas.ids import SessionId, SubjectId, TenantId
from huizhen.schemas.rejected import Origin

ROUTE = re.compile(r"rejected:(replay|discard):([a-z0-9.-]+)/([0-9]{1,9})/([0-9]{1,18})")
EVENT_CODE = "110100"  # DCM Application Activity
REPLAYED = "huizhen-replayed"
"""Header of a record that was put back where it came from: the place on `rejected` that it was taken from"""


class Choice(StrEnum):
    """What can be decided."""

    REPLAY = "replay"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; `place`: where the record stands on `rejected`."""

    choice: Choice
    place: Origin
    tenant: TenantId
    session: str
    by: SubjectId
    at_ns: int
    why: str


def to_audit(decision: Decision) -> AuditEvent:
    """Give the audit event of a decision; its id is the same each time it is written."""
    place = f"{decision.place.topic}/{decision.place.partition}/{decision.place.offset}"
    return AuditEvent(
        event_id=f"{decision.choice}/{place}/{decision.at_ns}",
        at_ns=decision.at_ns,
        action="D" if decision.choice is Choice.DISCARD else "E",
        event_code=EVENT_CODE,
        outcome=0,
        subject=decision.by,
        institution=decision.tenant,
        tenant=decision.tenant,
        route=f"rejected:{decision.choice}:{place}",
        session=decision.session,
        reason=decision.why,
    )


def read_decision(event: object) -> Decision | None:
    """Read a decision back; None where the event is of something else. Raises BadId."""
    if not isinstance(event, AuditEvent) or (found := ROUTE.fullmatch(event.route)) is None:
        return None
    choice, topic, partition, offset = found.groups()
    session = SessionId(event.session) if event.session else ""
    place = Origin(topic, int(partition), int(offset))
    return Decision(
        Choice(choice), place, TenantId(event.tenant), session, SubjectId(event.subject), event.at_ns, event.reason
    )
