"""Sessions and tickets: `/v1/sessions`, `/v1/tickets`."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Security
from pydantic import BaseModel, ConfigDict, Field

from huizhen.api import audit, problem
from huizhen.api.access import Access, may_see
from huizhen.api.guard import BEARER, Allow, GuardedRoute, Of, too_many
from huizhen.api.paging import PAGE, Cursor, Limit, page_of
from huizhen.api.parts import parts_of
from huizhen.api.roles import Right
from huizhen.api.sessions import order
from huizhen.api.tickets import LIFE_S, Ticket
from huizhen.api.views import SessionView, session_view
from huizhen.schemas.errors import Bug
from huizhen.schemas.ids import SessionId, TenantId
from huizhen.schemas.states import SessionState

LIST = audit.Act(audit.Code.QUERY, "E")
READ = audit.Act(audit.Code.QUERY, "R")
WATCH = audit.Act(audit.Code.ACCESSED, "R")
router = APIRouter(
    prefix="/v1", tags=["sessions"], route_class=GuardedRoute, dependencies=[Security(BEARER)],
    responses=problem.RESPONSES,
)  # fmt: skip


class SessionsPage(BaseModel):
    """A page of sessions, newest first."""

    items: list[SessionView]
    next_cursor: str | None


class TicketBody(BaseModel):
    """What a ticket is for."""

    model_config = ConfigDict(extra="forbid")
    purpose: Literal["live"]
    session: str = Field(min_length=1, max_length=64)


class TicketView(BaseModel):
    """A one-use ticket: the first message on the socket names it."""

    ticket: str
    expires_in_s: int


@router.get("/sessions")
async def list_sessions(
    access: Annotated[Access, Depends(Allow(Right.SEE, LIST))],
    request: Request,
    cursor: Cursor = "",
    limit: Limit = PAGE,
    state: SessionState | None = None,
) -> SessionsPage:
    """List the sessions of one's institution and those one was let into, newest first."""
    parts = parts_of(request)
    who = access.principal
    grants = parts.world.queue.grants(who.institution, who.subject, parts.now_s)
    found = parts.world.sessions.where(lambda one: may_see(who, one, grants) and (state is None or one.state is state))
    page, following = page_of(found, order, cursor, limit)
    return SessionsPage(items=[session_view(one, parts.now_ns()) for one in page], next_cursor=following)


@router.get("/sessions/{session}")
async def get_session(
    session: str, access: Annotated[Access, Depends(Allow(Right.SEE, READ, Of.SESSION))], request: Request
) -> SessionView:
    """Give a session with its sources, counts and latency."""
    if access.session is None:
        raise Bug("a session route without its session")
    return session_view(access.session, parts_of(request).now_ns())


@router.post("/tickets", status_code=201)
async def make_ticket(
    body: TicketBody,
    access: Annotated[Access, Depends(Allow(Right.WATCH, WATCH, Of.BODY_SESSION))],
    request: Request,
) -> TicketView:
    """Give a ticket for the live socket of a session: one use, 60 seconds."""
    parts, session = parts_of(request), access.session
    if session is None:
        raise Bug("a ticket without its session")
    secret = parts.secret()
    ticket = Ticket(access.principal, TenantId(session.tenant), SessionId(session.session), parts.now_s + LIFE_S)
    if not parts.tickets.add(secret, ticket, parts.now_s):
        raise too_many(LIFE_S)
    return TicketView(ticket=secret, expires_in_s=LIFE_S)
