"""Who asks: a verified token's claims as a value."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from huizhen.api.roles import Role, known
from huizhen.schemas.errors import BadId
from huizhen.schemas.ids import SLUG, SubjectId, TenantId

ROLES_MAX = 64  # roles named in one token; more is a broken issuer
NAME_MAX = 80


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or a service, as its token says."""

    subject: SubjectId
    institution: TenantId
    roles: frozenset[Role]
    expires_at_s: float
    sign_in: str
    """Names the sign-in that this and later tokens stem from; empty with issuers that do not say it"""
    signed_in_at_s: float
    name: str = ""
    """For display only, never logged"""

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays the same when the token is renewed."""
        return (self.subject, self.institution, self.sign_in)

    def __repr__(self) -> str:
        return f"Principal({self.subject}@{self.institution})"


def pseudonym(issuer: str, text: str) -> SubjectId:
    """Give a subject's id; what an issuer writes in another alphabet is hashed."""
    if SLUG.fullmatch(text):
        return SubjectId(text)
    return SubjectId("s-" + hashlib.sha256(f"{issuer}\n{text}".encode()).hexdigest()[:32])


def from_claims(claims: Mapping[str, object]) -> Principal:
    """Read verified claims; raises BadId where one is missing or of the wrong form."""
    subject, roles = claims.get("sub"), claims.get("roles")
    if not isinstance(subject, str) or not subject:
        raise BadId(kind="sub claim", text=str(subject), rule="text")
    if not isinstance(roles, list) or len(roles) > ROLES_MAX:
        raise BadId(kind="roles claim", text="", rule=f"a list of at most {ROLES_MAX}")
    issued_at_s = _number(claims, "iat", 0.0)
    return Principal(
        subject=pseudonym(str(claims.get("iss", "")), subject),
        institution=TenantId(str(claims.get("institution", ""))),
        roles=known([role for role in roles if isinstance(role, str)]),
        expires_at_s=_number(claims, "exp", 0.0),
        sign_in=str(claims.get("sid", ""))[:NAME_MAX],
        signed_in_at_s=_number(claims, "auth_time", issued_at_s),
        name=str(claims.get("name", ""))[:NAME_MAX],
    )


def _number(claims: Mapping[str, object], name: str, otherwise: float) -> float:
    value = claims.get(name, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadId(kind=f"{name} claim", text=str(value), rule="a number of seconds since 1970")
    return float(value)
