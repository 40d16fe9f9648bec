"""One consultation as its events tell it: the first event in log order that the UPS state table allows wins.

DICOM Unified Procedure Step (PS3.4 CC): whoever claims gets a Transaction UID and only with it may finish or cancel
what is IN PROGRESS. Every reader of the log comes to the same winner, because all events of a consultation stand in one
partition.
"""

from dataclasses import dataclass, field, replace

from pydantic import Field

from huizhen.api.roles import GRANTABLE
from huizhen.api.room_shapes import Shape, read
from huizhen.schemas.errors import BadId, Refused
from huizhen.schemas.events import ConsultEvent
from huizhen.schemas.ids import ConsultId, Grant, SessionId, SubjectId, TenantId
from huizhen.schemas.states import StepChange, StepState, next_step

GRANTS_MAX = 64  # people let into one consultation
INVITES_MAX = 64  # links that may be open at a time
FINAL = frozenset({StepState.COMPLETED, StepState.CANCELED})


class Invited(Shape):
    """What an invitation, or the grant that uses one up, says: the SHA-256 of the link's secret, never the secret."""

    invite: str = Field(pattern="^[0-9a-f]{64}$")


@dataclass(slots=True)
class Consult:
    """What is known of one consultation."""

    requested: ConsultEvent
    state: StepState = StepState.SCHEDULED
    claimed: ConsultEvent | None = None
    ended: ConsultEvent | None = None
    grants: dict[tuple[str, str], Grant] = field(default_factory=dict)
    """By institution and subject; those of an ended consultation are void"""
    invites: dict[str, ConsultEvent] = field(default_factory=dict)
    """Open invitations by the digest of their secret; whoever uses one first has it"""
    changes: int = 1
    """Events that counted: the ETag"""

    @property
    def id(self) -> str:
        """The consultation's id."""
        return self.requested.consult

    @property
    def transaction_uid(self) -> str:
        """The claim's secret; empty before it."""
        return self.claimed.transaction_uid if self.claimed is not None else ""

    def take(self, event: ConsultEvent) -> bool:
        """Fold one event in; say whether it counted. An event that lost a race or breaks a rule does not."""
        counted = self._take(event)
        self.changes += counted
        return counted

    def _take(self, event: ConsultEvent) -> bool:
        match event.kind:
            case "claimed":
                return self._claim(event)
            case "finished":
                return self._end(event, StepChange.FINISHED)
            case "canceled":
                return self._end(event, StepChange.CANCELED)
            case "invited":
                return self._invite(event)
            case "granted":
                return self._grant(event)
            case "revoked":
                return self.grants.pop((event.institution, event.subject), None) is not None
        return False

    def _claim(self, event: ConsultEvent) -> bool:
        if not event.transaction_uid or not self._step(StepChange.CLAIMED):
            return False
        self.claimed = event
        return True

    def _end(self, event: ConsultEvent, change: StepChange) -> bool:
        if event.transaction_uid != self.transaction_uid or not self._step(change):
            return False
        self.ended = event
        self.grants.clear()
        self.invites.clear()
        return True

    def _step(self, change: StepChange) -> bool:
        try:
            self.state = next_step(self.state, change)
        except Refused:
            return False
        return True

    def invitation(self, digest: str, now_s: float) -> ConsultEvent | None:
        """Give the open invitation of that digest."""
        found = self.invites.get(digest)
        return found if found is not None and now_s < found.expires_at_s else None

    def _invite(self, event: ConsultEvent) -> bool:
        said = read(Invited, event.payload)
        if said is None or self.state in FINAL:
            return False
        for digest in [name for name, one in self.invites.items() if one.expires_at_s * 1_000_000_000 <= event.at_ns]:
            del self.invites[digest]
        if len(self.invites) >= INVITES_MAX:
            return False
        self.invites[said.invite] = event
        return True

    def _grant(self, event: ConsultEvent) -> bool:
        if not event.payload:
            return self._let_in(event)
        said = read(Invited, event.payload)
        if said is None or self.invitation(said.invite, event.at_ns / 1e9) is None:
            return False
        known = self.grants.get((event.institution, event.subject))
        if known is not None:  # an invitation adds to what somebody may do already
            rights, until_s = sorted({*known.rights, *event.rights}), max(known.expires_at_s, event.expires_at_s)
            event = replace(event, rights=rights, expires_at_s=until_s)
        return self._let_in(event) and self.invites.pop(said.invite, None) is not None

    def _let_in(self, event: ConsultEvent) -> bool:
        if self.state in FINAL or (
            len(self.grants) >= GRANTS_MAX and (event.institution, event.subject) not in self.grants
        ):
            return False
        try:
            grant = Grant(
                consult=ConsultId(self.id),
                subject=SubjectId(event.subject),
                institution=TenantId(event.institution),
                tenant=TenantId(self.requested.tenant),
                session=SessionId(self.requested.session),
                rights=frozenset(event.rights) & GRANTABLE,
                expires_at_s=event.expires_at_s,
            )
        except BadId:
            return False
        self.grants[event.institution, event.subject] = grant
        return True
