"""Audit events: one per access, log-in and denial (DICOM PS3.15 A.5). Pure; `audit_io` publishes them."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from huizhen.api.access import Access, Denied
from huizhen.api.principal import Principal
from huizhen.schemas.events import AuditEvent

ANONYMOUS = "anonymous"
SUCCESS, MINOR_FAILURE, SERIOUS_FAILURE = 0, 4, 8


class Code(StrEnum):
    """DICOM audit event ids (PS3.16 CID 400) that the api writes."""

    ACTIVITY = "110100"
    ACCESSED = "110103"
    EXPORT = "110106"
    IMPORT = "110107"
    PROCEDURE = "110111"
    QUERY = "110112"
    ALERT = "110113"
    AUTHENTICATION = "110114"


@dataclass(frozen=True, slots=True)
class Act:
    """What a route does, as the audit names it."""

    code: Code
    action: str
    """DICOM EventActionCode: C, R, U, D or E"""


@dataclass(frozen=True, slots=True)
class Doing:
    """An attempt: what, by which route, when."""

    act: Act
    method: str
    route: str
    """The route's template: never an id, a query string or an address"""
    event_id: str
    at_ns: int


class AuditSink(Protocol):
    """Takes audit events; where it cannot, it raises Unavailable and the act is refused."""

    def write(self, event: AuditEvent) -> None:
        """Queue an event for the audit topic."""


def accessed(doing: Doing, access: Access) -> AuditEvent:
    """Make the event of an access that was allowed."""
    session, consult = access.session, access.consult
    event = _event(doing, access.principal, SUCCESS)
    if session is not None:
        study = session.announced.study_instance_uid if session.announced is not None else ""
        named = consult.id if consult is not None else ""
        return replace(event, tenant=session.tenant, session=session.session, study_instance_uid=study, consult=named)
    if consult is not None:
        asked = consult.requested
        return replace(event, tenant=asked.tenant, session=asked.session, consult=consult.id)
    return event


def denied(doing: Doing, principal: Principal | None, denial: Denied, alliance: str) -> AuditEvent:
    """Make the event of a denial; without a principal it stands under the alliance."""
    outcome = SERIOUS_FAILURE if denial.serious else MINOR_FAILURE
    if principal is not None:
        return replace(_event(doing, principal, outcome), event_code=Code.ALERT, reason=denial.reason)
    return AuditEvent(
        event_id=doing.event_id,
        at_ns=doing.at_ns,
        action=doing.act.action,
        event_code=Code.ALERT,
        outcome=outcome,
        subject=ANONYMOUS,
        institution=alliance,
        tenant=alliance,
        route=doing.route,
        method=doing.method,
        reason=denial.reason,
    )


def signed_in(doing: Doing, principal: Principal) -> AuditEvent:
    """Make the event of a log-in."""
    return _event(doing, principal, SUCCESS)


def _event(doing: Doing, principal: Principal, outcome: int) -> AuditEvent:
    return AuditEvent(
        event_id=doing.event_id,
        at_ns=doing.at_ns,
        action=doing.act.action,
        event_code=doing.act.code,
        outcome=outcome,
        subject=principal.subject,
        institution=principal.institution,
        tenant=principal.institution,
        route=doing.route,
        method=doing.method,
        roles=sorted(principal.roles),
    )
