"""Event streams (SSE): `/v1/sessions/{session}/events` and `/v1/queue/events`, read by `fetch` with a bearer token."""

import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Security
from fastapi.sse import EventSourceResponse, ServerSentEvent

from huizhen.api import audit, problem
from huizhen.api.access import Access, may_use, still
from huizhen.api.consult_views import consult_view
from huizhen.api.guard import BEARER, Allow, GuardedRoute, Of
from huizhen.api.parts import Parts, parts_of
from huizhen.api.ring import Entry
from huizhen.api.roles import Right
from huizhen.api.session import Session
from huizhen.api.views import geometry_view, session_view
from huizhen.api.world import told
from huizhen.schemas.errors import Bug
from huizhen.schemas.events import GeometryDeclared
from huizhen.schemas.states import StepState

SUBSCRIBE = audit.Act(audit.Code.QUERY, "R")
WAIT_S = 1.0  # how soon a reader without the right any more is sent away, and how often counts are told at most
QUEUE_SHOWN = 200
OPEN = frozenset({StepState.SCHEDULED, StepState.IN_PROGRESS})
router = APIRouter(
    prefix="/v1", tags=["event streams"], route_class=GuardedRoute, dependencies=[Security(BEARER)],
    responses=problem.RESPONSES,
)  # fmt: skip
LastEventId = Annotated[str, Header(max_length=300, description="Go on behind this event")]


@router.get("/sessions/{session}/events", response_class=EventSourceResponse)
async def session_events(
    session: str,
    access: Annotated[Access, Depends(Allow(Right.SEE, SUBSCRIBE, Of.SESSION))],
    request: Request,
    last_event_id: LastEventId = "",
) -> AsyncIterator[ServerSentEvent]:
    """Follow a session: `session` (the whole, at the start), `verdict`, `ledger`, `geometry`, `counts`, `state`."""
    if access.session is None:
        raise Bug("a session's stream without its session")
    async for event in _follow_session(parts_of(request), access, access.session, last_event_id):
        yield event


async def _follow_session(
    parts: Parts, access: Access, session: Session, last_event_id: str
) -> AsyncIterator[ServerSentEvent]:
    key = (session.tenant, session.session)
    ring = parts.world.session_rings.follow(key)
    cursor = ring.after(last_event_id) if last_event_id else None
    state, counted, counted_s = session.state, ring.end, time.monotonic()
    while _allowed(parts, access):
        current = parts.world.session_rings.follow(key)
        entries = ring.since(cursor) if cursor is not None and current is ring else None
        ring, cursor = current, current.end
        if entries is None:
            yield ServerSentEvent(event="session", data=session_view(session, parts.now_ns()))
        for entry in entries or ():
            if entry.kind != "session":
                yield ServerSentEvent(id=entry.id, event=entry.kind, data=_data(entry))
        if session.state is not state:
            state = session.state
            yield ServerSentEvent(event="state", data={"state": state})
        if ring.end != counted and time.monotonic() - counted_s >= WAIT_S:
            counted, counted_s = ring.end, time.monotonic()
            view = session_view(session, parts.now_ns())
            yield ServerSentEvent(event="counts", data={"sources": view.sources, "report": view.report})
        if ring.end == cursor:
            await ring.changed(WAIT_S)


def _data(entry: Entry) -> object:
    if isinstance(entry.data, GeometryDeclared):
        return {"source": entry.data.source, "geometry": geometry_view(entry.data).model_dump()}
    return told(entry.data)


@router.get("/queue/events", response_class=EventSourceResponse)
async def queue_events(
    access: Annotated[Access, Depends(Allow(Right.QUEUE, SUBSCRIBE))],
    request: Request,
    last_event_id: LastEventId = "",
) -> AsyncIterator[ServerSentEvent]:
    """Follow the queue: `queue` (all open consultations, at the start), then `consult` for each that changed."""
    parts = parts_of(request)
    ring, queue = parts.world.queue_ring, parts.world.queue
    cursor = ring.after(last_event_id) if last_event_id else None
    while _allowed(parts, access):
        entries = ring.since(cursor) if cursor is not None else None
        cursor = ring.end
        if entries is None:
            shown = queue.where(lambda one: one.state in OPEN and _sees(parts, access, one.id))
            views = [consult_view(one, queue) for one in shown[:QUEUE_SHOWN]]
            yield ServerSentEvent(event="queue", data={"items": views})
        for entry in entries or ():
            consult = queue.find(str(entry.data))
            if consult is not None and _sees(parts, access, consult.id):
                yield ServerSentEvent(id=entry.id, event="consult", data=consult_view(consult, queue))
        if ring.end == cursor:
            await ring.changed(WAIT_S)


def _sees(parts: Parts, access: Access, name: str) -> bool:
    consult = parts.world.queue.find(name)
    return consult is not None and may_use(access.principal, Right.QUEUE, consult, parts.now_s)


def _allowed(parts: Parts, access: Access) -> bool:
    if parts.world.ending:
        return False
    principal = parts.presence.now(access.principal, parts.now_s)
    return still(access, principal, parts.world.queue, parts.now_s) is None
