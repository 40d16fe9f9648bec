"""The door of the live socket: origin, ticket, right, seats; one audit event for each join or refusal."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect

from huizhen.api import audit
from huizhen.api.access import Access, Denied, find_session, role_denies
from huizhen.api.guard import deny
from huizhen.api.live_messages import (
    NOT_SIGNED_IN,
    REFUSED,
    SUBPROTOCOL,
    TOO_MANY,
    UNKNOWN,
    Join,
    SocketProblem,
    read_message,
)
from huizhen.api.parts import Parts
from huizhen.api.problem import Problem, response
from huizhen.api.roles import Right
from huizhen.api.tickets import Ticket
from huizhen.schemas.errors import BadId
from huizhen.schemas.events import SourceInfo
from huizhen.schemas.ids import SessionId, SourceId, StreamId, TenantId

First = TypeVar("First")
ROUTE = "/v1/sessions/{session}/live"
METHOD = "WEBSOCKET"
JOIN_S = 5.0  # an open socket without a ticket is somebody's mistake or an attack
WATCH = audit.Act(audit.Code.ACCESSED, "R")
CODES = {401: NOT_SIGNED_IN, 403: REFUSED, 404: UNKNOWN}
TITLES = {
    401: "Sign in again",
    403: "You may not watch this",
    404: "There is no such thing for you",
}


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody who may watch."""

    access: Access
    stream: StreamId
    asked: Join


def doing(parts: Parts, route: str = ROUTE) -> audit.Doing:
    """Name this attempt for the audit."""
    return audit.Doing(WATCH, METHOD, route, parts.secret(), parts.now_ns())


async def shake_hands(
    websocket: WebSocket,
    parts: Parts,
    origins: frozenset[str],
    subprotocol: str = SUBPROTOCOL,
    route: str = ROUTE,
) -> bool:
    """Accept a socket of our own page, or of a program that is no browser; answer others by HTTP."""
    origin = websocket.headers.get("origin")
    if origin is not None and origin not in origins:
        deny(parts, doing(parts, route), None, Denied(403, "foreign origin", serious=True))
        refusal = Problem(403, "this page may not open sockets here (api.origins)")
        await websocket.send_denial_response(response(refusal, websocket.url.path))
        return False
    if subprotocol not in websocket.scope.get("subprotocols", []):
        refusal = Problem(400, f"offer the subprotocol {subprotocol}")
        await websocket.send_denial_response(response(refusal, websocket.url.path))
        return False
    await websocket.accept(subprotocol)
    return True


async def first_message(websocket: WebSocket, read: Callable[[str], object], wanted: type[First]) -> First:
    """Read the message that a socket begins with; raises SocketProblem where another or none comes."""
    try:
        async with asyncio.timeout(JOIN_S):
            said = read(await websocket.receive_text())
    except TimeoutError as error:
        raise SocketProblem(NOT_SIGNED_IN, "No join message came", f"within {JOIN_S:g} s") from error
    except KeyError as error:  # a binary message
        raise SocketProblem(NOT_SIGNED_IN, "The first message must be join") from error
    if not isinstance(said, wanted):
        raise SocketProblem(NOT_SIGNED_IN, "The first message must be join")
    return said


async def join(websocket: WebSocket, parts: Parts, session: str) -> Joined:
    """Read the join message and check it; raises SocketProblem, or Unavailable where it cannot be audited."""
    said = await first_message(websocket, read_message, Join)
    ticket = parts.tickets.redeem(said.ticket, session, parts.now_s)
    found = _decide(parts, ticket)
    attempt = doing(parts)
    if isinstance(found, Denied):
        if ticket is None and parts.rates.of_stranger() is not None:
            raise SocketProblem(TOO_MANY, "Too many attempts")
        deny(parts, attempt, ticket.principal if ticket else None, found)
        raise refusal(found)
    stream = stream_of(found, said.source)
    if stream is None:
        raise SocketProblem(UNKNOWN, TITLES[404])
    parts.audit.write(audit.accessed(attempt, found))
    return Joined(found, stream, said)


def _decide(parts: Parts, ticket: Ticket | None) -> Access | Denied:
    if ticket is None:
        return Denied(401, "bad ticket")
    principal = parts.presence.now(ticket.principal, parts.now_s)
    if principal is None:
        return Denied(401, "token expired or signed out")
    denied = role_denies(principal, Right.WATCH)
    if denied is not None:
        return denied
    grants = parts.world.queue.grants(principal.institution, principal.subject, parts.now_s)
    session = find_session(principal, Right.WATCH, ticket.session, parts.world.sessions, grants)
    if isinstance(session, Denied):
        return session
    if session.tenant != ticket.tenant:
        return Denied(404, "the ticket is for another institution's session")
    return Access(principal, Right.WATCH, session=session)


def refusal(denied: Denied) -> SocketProblem:
    """Make what a refused reader is told."""
    return SocketProblem(CODES[denied.status], TITLES[denied.status])


def stream_of(access: Access, wanted: str) -> StreamId | None:
    """Give the source of that name of a session, the first for none; None where there is no such source."""
    session = access.session
    sources: list[SourceInfo] = session.announced.sources if session is not None and session.announced else []
    names = [info.source for info in sources]
    if session is None or not names or (wanted and wanted not in names):
        return None
    try:
        return StreamId(TenantId(session.tenant), SessionId(session.session), SourceId(wanted or names[0]))
    except BadId:
        return None


async def end_with(websocket: WebSocket, problem: SocketProblem) -> None:
    """Say why, and close."""
    try:
        await websocket.send_json({"type": "error", "title": problem.title, "detail": problem.detail})
        await websocket.close(problem.code, problem.title)
    except (WebSocketDisconnect, RuntimeError):  # it is gone already
        return
