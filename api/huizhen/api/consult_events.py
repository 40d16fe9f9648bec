"""The consultation a request is about, and the events that say what somebody does in it."""

from huizhen.api.access import Access
from huizhen.api.consult import Consult
from huizhen.api.parts import Parts
from huizhen.schemas.errors import Bug
from huizhen.schemas.events import ConsultEvent


def consult_of(access: Access) -> Consult:
    """Give the consultation that the door found."""
    if access.consult is None:
        raise Bug("a consultation's route without its consultation")
    return access.consult


def event_of(parts: Parts, access: Access, kind: str, payload: str = "") -> ConsultEvent:
    """Make an event of the reader's, now."""
    found = consult_of(access)
    return ConsultEvent(
        consult=found.id,
        kind=kind,
        at_ns=parts.now_ns(),
        subject=access.principal.subject,
        institution=access.principal.institution,
        tenant=found.requested.tenant,
        session=found.requested.session,
        event_id=parts.secret(),
        payload=payload,
    )
