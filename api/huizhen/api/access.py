"""Decide whether somebody may do something with a session or a consultation. Pure; `guard` asks and writes it down.

The order of the questions is the order of the answers: the role first (403, the same for every id), then whether the
thing exists and belongs to the asker or was opened by a grant (404, the same for foreign and absent ones).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from huizhen.api.consult import Consult
from huizhen.api.patient import same_patient
from huizhen.api.principal import Principal
from huizhen.api.queue import Queue
from huizhen.api.roles import Right, has, is_masked
from huizhen.api.session import Session
from huizhen.api.sessions import Sessions
from huizhen.schemas.ids import Grant


@dataclass(frozen=True, slots=True)
class Access:
    """An access that was decided and written down."""

    principal: Principal
    right: Right
    session: Session | None = None
    consult: Consult | None = None

    @property
    def masked(self) -> bool:
        """Say whether pictures are blanked for this access."""
        return is_masked(self.principal.roles)


@dataclass(frozen=True, slots=True)
class Denied:
    """An access that is refused: 401, 403 or 404."""

    status: int
    reason: str
    """For the audit only"""
    serious: bool = False
    """Whether somebody showed a forged or broken token"""


def role_denies(principal: Principal, right: Right) -> Denied | None:
    """Refuse what no role of the principal allows."""
    return None if has(principal.roles, right) else Denied(403, f"no role with the right {right}")


def find_session(
    principal: Principal, right: Right, name: str, sessions: Sessions, grants: Iterable[Grant]
) -> Session | Denied:
    """Give the session of that name which the principal may use so: its own institution's first, then granted ones."""
    own = sessions.find(principal.institution, name)
    if own is not None:
        return own
    for grant in grants:
        if grant.session == name and right in grant.rights:
            granted = sessions.find(grant.tenant, name)
            if granted is not None:
                return granted
    return Denied(404, "absent or foreign session")


def may_see(principal: Principal, session: Session, grants: Iterable[Grant]) -> bool:
    """Say whether a session appears in the principal's list."""
    if session.tenant == principal.institution:
        return True
    return any((grant.tenant, grant.session) == (session.tenant, session.session) for grant in grants)


def find_consult(principal: Principal, right: Right, name: str, queue: Queue, now_s: float) -> Consult | Denied:
    """Give the consultation of that name which the principal may use so."""
    found = queue.find(name)
    if found is None or not may_use(principal, right, found, now_s):
        return Denied(404, "absent or foreign consultation")
    return found


def find_study(consult: Consult, name: str, sessions: Sessions) -> Session | Denied:
    """Give the session of that name whose stored pictures belong into a consultation: those of its patient."""
    asked = consult.requested
    about, found = sessions.find(asked.tenant, asked.session), sessions.find(asked.tenant, name)
    if about is None or found is None or about.announced is None or found.announced is None:
        return Denied(404, "absent session")
    if not same_patient(about.announced, found.announced):
        return Denied(404, "a session of another patient")
    return found


def may_use(principal: Principal, right: Right, consult: Consult, now_s: float) -> bool:
    """Say whether a consultation is the principal's institution's, or the principal was let in.

    Guests see what they were let into, and claim or end it with the granted right to consult.
    """
    if consult.requested.tenant == principal.institution or _took_part(principal, consult, right):
        return True
    grant = consult.grants.get((principal.institution, principal.subject))
    wanted = Right.CONSULT if right is Right.CANCEL else right
    return grant is not None and now_s < grant.expires_at_s and (right is Right.QUEUE or wanted in grant.rights)


def _took_part(principal: Principal, consult: Consult, right: Right) -> bool:
    if right is not Right.QUEUE or consult.claimed is None:
        return False
    return (consult.claimed.institution, consult.claimed.subject) == (principal.institution, principal.subject)


def find_invited(name: str, invite: str, queue: Queue, now_s: float) -> Consult | Denied:
    """Give the consultation that an invitation's secret lets into."""
    found = queue.find(name)
    if found is None or found.invitation(digest_of(invite), now_s) is None:
        return Denied(404, "no such invitation")
    return found


def digest_of(invite: str) -> str:
    """Name an invitation without its secret: the log lets nobody in."""
    return hashlib.sha256(invite.encode("utf-8", "replace")).hexdigest()


def still_in_room(access: Access, principal: Principal | None, now_s: float) -> Denied | None:
    """Ask again in an open room: the newest token, its roles, and the grant that opened it."""
    if principal is None:
        return Denied(401, "token expired or signed out")
    denied = role_denies(principal, access.right)
    if denied is not None:
        return denied
    if access.consult is None or not may_use(principal, access.right, access.consult, now_s):
        return Denied(403, "the grant ended")
    return None


def still(access: Access, principal: Principal | None, queue: Queue, now_s: float) -> Denied | None:
    """Ask again on an open stream: the newest token of its reader, its roles, and the grant that opened it."""
    if principal is None:
        return Denied(401, "token expired or signed out")
    denied = role_denies(principal, access.right)
    session = access.session
    if denied is not None or session is None:
        return denied
    if session.announced is None:
        return Denied(404, "the session is gone")
    if session.tenant == principal.institution:
        return None
    for grant in queue.grants(principal.institution, principal.subject, now_s):
        if (grant.tenant, grant.session) == (session.tenant, session.session) and access.right in grant.rights:
            return None
    return Denied(403, "the grant ended")
