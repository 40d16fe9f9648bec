"""One-use tickets for WebSockets: browsers cannot send a bearer token there, and none belongs in an address."""

import hashlib
from dataclasses import dataclass

from huizhen.api.principal import Principal
from huizhen.schemas.ids import SessionId, TenantId

LIFE_S = 60
TICKETS_MAX = 10_000
PER_SUBJECT_MAX = 20


@dataclass(frozen=True, slots=True)
class Ticket:
    """Lets its bearer join one session, or the room of one consultation, once."""

    principal: Principal
    tenant: TenantId
    session: SessionId
    expires_at_s: float
    consult: str = ""
    """Empty: it is for the live socket"""


class Tickets:
    """Open tickets by the digest of their secret: a copy of memory gives no ticket away."""

    def __init__(self) -> None:
        self._open: dict[str, Ticket] = {}

    def add(self, secret: str, ticket: Ticket, now_s: float) -> bool:
        """Open a ticket; False where its subject holds too many already."""
        self._drop_old(now_s)
        held = sum(one.principal.key == ticket.principal.key for one in self._open.values())
        if held >= PER_SUBJECT_MAX or len(self._open) >= TICKETS_MAX:
            return False
        self._open[_digest(secret)] = ticket
        return True

    def redeem(self, secret: str, session: str, now_s: float) -> Ticket | None:
        """Use a live ticket up; None where it is unknown, used, too old or for another session."""
        ticket = self._use(secret, now_s)
        return ticket if ticket is not None and not ticket.consult and ticket.session == session else None

    def redeem_room(self, secret: str, consult: str, now_s: float) -> Ticket | None:
        """Use a room's ticket up, as `redeem`."""
        ticket = self._use(secret, now_s)
        return ticket if ticket is not None and ticket.consult == consult else None

    def _use(self, secret: str, now_s: float) -> Ticket | None:
        ticket = self._open.pop(_digest(secret), None)
        return None if ticket is None or ticket.expires_at_s <= now_s else ticket

    def _drop_old(self, now_s: float) -> None:
        for digest in [digest for digest, one in self._open.items() if one.expires_at_s <= now_s]:
            del self._open[digest]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
