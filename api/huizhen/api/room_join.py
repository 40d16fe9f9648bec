"""The door of a consultation room: ticket, right, seats; one audit event for each who comes in or is refused."""

from dataclasses import dataclass

from fastapi import WebSocket

from huizhen.api import audit
from huizhen.api.access import Access, Denied, find_consult, role_denies
from huizhen.api.consult import FINAL, Consult
from huizhen.api.guard import deny
from huizhen.api.live_join import doing, first_message, refusal
from huizhen.api.live_messages import TOO_MANY, SocketProblem
from huizhen.api.parts import Parts
from huizhen.api.roles import Right
from huizhen.api.room_messages import Enter, read_asked
from huizhen.api.tickets import Ticket

ROUTE = "/v1/rooms/{consult}"
ENDED = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who may be in the room."""

    access: Access
    consult: Consult

    @property
    def may_present(self) -> bool:
        """Say whether this person's view may lead: a trainee sees less than those who would follow."""
        return not self.access.masked


async def enter(websocket: WebSocket, parts: Parts, name: str) -> Entry:
    """Read the first message and check it; raises SocketProblem, or Unavailable where it cannot be audited."""
    said = await first_message(websocket, read_asked, Enter)
    ticket = parts.tickets.redeem_room(said.ticket, name, parts.now_s)
    found = _decide(parts, ticket, name)
    attempt = doing(parts, ROUTE)
    if isinstance(found, Denied):
        if ticket is None and parts.rates.of_stranger() is not None:
            raise SocketProblem(TOO_MANY, "Too many attempts")
        deny(parts, attempt, ticket.principal if ticket else None, found)
        raise refusal(found)
    if found.consult.state in FINAL:
        raise SocketProblem(ENDED, "The consultation ended", found.consult.state)
    parts.audit.write(audit.accessed(attempt, found.access))
    return found


def _decide(parts: Parts, ticket: Ticket | None, name: str) -> Entry | Denied:
    if ticket is None:
        return Denied(401, "bad ticket")
    principal = parts.presence.now(ticket.principal, parts.now_s)
    if principal is None:
        return Denied(401, "token expired or signed out")
    denied = role_denies(principal, Right.WATCH)
    if denied is not None:
        return denied
    consult = find_consult(principal, Right.WATCH, name, parts.world.queue, parts.now_s)
    if isinstance(consult, Denied):
        return consult
    return Entry(Access(principal, Right.WATCH, consult=consult), consult)
