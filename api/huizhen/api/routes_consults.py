"""The consultation queue: `/v1/consults`. Every change is an event, and answered once it was read back from the log."""

import hashlib
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response, Security

from huizhen.api import audit, problem
from huizhen.api.access import Access, may_use
from huizhen.api.consult import Consult
from huizhen.api.consult_bodies import (
    CancelBody,
    ClaimView,
    ConsultsPage,
    GrantBody,
    RequestBody,
    RevokeBody,
    TransactionBody,
)
from huizhen.api.consult_events import consult_of, event_of
from huizhen.api.consult_views import ConsultView, consult_view
from huizhen.api.guard import BEARER, Allow, GuardedRoute, Of
from huizhen.api.paging import PAGE, Cursor, Limit, page_of
from huizhen.api.parts import Parts, parts_of
from huizhen.api.problem import Problem
from huizhen.api.queue import order
from huizhen.api.roles import GRANTABLE, Right
from huizhen.schemas.errors import Bug, Unavailable
from huizhen.schemas.events import ConsultEvent
from huizhen.schemas.states import StepState

LIST = audit.Act(audit.Code.QUERY, "E")
READ = audit.Act(audit.Code.QUERY, "R")
CREATE = audit.Act(audit.Code.PROCEDURE, "C")
UPDATE = audit.Act(audit.Code.PROCEDURE, "U")
router = APIRouter(
    prefix="/v1", tags=["consultations"], route_class=GuardedRoute, dependencies=[Security(BEARER)],
    responses=problem.RESPONSES,
)  # fmt: skip
CONFLICT: dict[int | str, dict[str, Any]] = {409: problem.describe(409)}
Claimer = Annotated[Access, Depends(Allow(Right.CONSULT, UPDATE, Of.CONSULT))]
Canceler = Annotated[Access, Depends(Allow(Right.CANCEL, UPDATE, Of.CONSULT))]
Granter = Annotated[Access, Depends(Allow(Right.GRANT, UPDATE, Of.CONSULT))]


@router.get("/consults")
async def list_consults(
    access: Annotated[Access, Depends(Allow(Right.QUEUE, LIST))],
    request: Request,
    cursor: Cursor = "",
    limit: Limit = PAGE,
    state: StepState | None = None,
) -> ConsultsPage:
    """List the consultations of one's institution and those one was let into, newest first."""
    parts = parts_of(request)
    queue, now_s = parts.world.queue, parts.now_s
    found = queue.where(
        lambda one: may_use(access.principal, Right.QUEUE, one, now_s) and (state is None or one.state is state)
    )
    page, following = page_of(found, order, cursor, limit)
    return ConsultsPage(items=[consult_view(one, queue) for one in page], next_cursor=following)


@router.post("/consults", status_code=201, responses=CONFLICT)
async def request_consult(
    body: RequestBody,
    access: Annotated[Access, Depends(Allow(Right.REQUEST, CREATE, Of.BODY_SESSION))],
    request: Request,
    response: Response,
    idempotency_key: Annotated[str, Header(max_length=200)] = "",
) -> ConsultView:
    """Ask for a consultation. With an `Idempotency-Key`, asking again gives the same one instead of a second."""
    parts, session = parts_of(request), access.session
    if session is None:
        raise Bug("a request for consultation without its session")
    who = access.principal
    secret = parts.secret()
    if idempotency_key:
        secret = hashlib.sha256(f"{who.institution}\n{who.subject}\n{idempotency_key}".encode()).hexdigest()
    event = ConsultEvent(
        consult=f"c-{secret[:32]}",
        kind="requested",
        at_ns=parts.now_ns(),
        subject=who.subject,
        institution=who.institution,
        tenant=session.tenant,
        session=session.session,
        event_id=parts.secret(),
        reason=body.reason,
        urgency=body.urgency,
        specialty=body.specialty,
    )
    if parts.world.queue.find(event.consult) is None:
        await parts.log.append(event)
    consult = parts.world.queue.find(event.consult)
    if consult is None:
        raise Unavailable("the queue (it is full)", 60.0)
    if _asked(consult.requested) != _asked(event):
        raise Problem(409, "this Idempotency-Key was used for another request")
    response.headers["location"] = f"/v1/consults/{consult.id}"
    return consult_view(consult, parts.world.queue)


def _asked(event: ConsultEvent) -> tuple[str, ...]:
    return event.tenant, event.session, event.reason, event.urgency, event.specialty


@router.get("/consults/{consult}")
async def get_consult(
    consult: str, access: Annotated[Access, Depends(Allow(Right.QUEUE, READ, Of.CONSULT))], request: Request
) -> ConsultView:
    """Give a consultation: its state, its place in the queue, the expected wait."""
    return consult_view(consult_of(access), parts_of(request).world.queue)


@router.post("/consults/{consult}/claim", responses=CONFLICT)
async def claim(consult: str, access: Claimer, request: Request) -> ClaimView:
    """Take a waiting consultation; of several who try, the first in the log has it."""
    parts, found = parts_of(request), consult_of(access)
    uid = f"2.25.{int(parts.secret(), 16)}"  # PS3.5 B.2: a UID made from a UUID's 128 bits
    if found.state is StepState.SCHEDULED:
        await parts.log.append(replace(event_of(parts, access, "claimed"), transaction_uid=uid))
    if found.transaction_uid != uid:
        raise _conflict(found)
    return ClaimView(consult=found.id, transaction_uid=uid)


@router.post("/consults/{consult}/finish", responses=CONFLICT)
async def finish(consult: str, body: TransactionBody, access: Claimer, request: Request) -> ConsultView:
    """End a consultation in progress as completed."""
    return await _end(parts_of(request), access, "finished", body.transaction_uid)


@router.post("/consults/{consult}/cancel", responses=CONFLICT)
async def cancel(consult: str, body: CancelBody, access: Canceler, request: Request) -> ConsultView:
    """Take a waiting consultation back, or end one in progress with its Transaction UID."""
    return await _end(parts_of(request), access, "canceled", body.transaction_uid)


async def _end(parts: Parts, access: Access, kind: str, transaction_uid: str) -> ConsultView:
    found = consult_of(access)
    if transaction_uid != found.transaction_uid:
        raise _conflict(found)
    event = replace(event_of(parts, access, kind), transaction_uid=transaction_uid)
    await parts.log.append(event)
    if found.ended is None or found.ended.event_id != event.event_id:
        raise _conflict(found)
    return consult_view(found, parts.world.queue)


@router.post("/consults/{consult}/grant", responses=CONFLICT)
async def grant(consult: str, body: GrantBody, access: Granter, request: Request) -> ConsultView:
    """Let somebody of another institution in for a time; it ends with the consultation at the latest."""
    parts, found = parts_of(request), consult_of(access)
    event = replace(
        event_of(parts, access, "granted"),
        subject=body.subject,
        institution=body.institution,
        rights=sorted(GRANTABLE & body.rights),
        expires_at_s=int(parts.now_s) + body.expires_in_s,
    )
    await parts.log.append(event)
    if (body.institution, body.subject) not in found.grants:
        raise _conflict(found)
    return consult_view(found, parts.world.queue)


@router.post("/consults/{consult}/revoke", responses=CONFLICT)
async def revoke(consult: str, body: RevokeBody, access: Granter, request: Request) -> ConsultView:
    """End a grant: its holder's open streams close."""
    parts, found = parts_of(request), consult_of(access)
    event = replace(event_of(parts, access, "revoked"), subject=body.subject, institution=body.institution)
    await parts.log.append(event)
    return consult_view(found, parts.world.queue)


def _conflict(consult: Consult) -> Problem:
    return Problem(409, f"the consultation is {consult.state}, or this is not its Transaction UID")
