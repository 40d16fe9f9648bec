"""What the api says of consultations; the claim's Transaction UID is told to whoever claimed, and to nobody else."""

from datetime import UTC, datetime

from pydantic import BaseModel

from huizhen.api.consult import Consult
from huizhen.api.queue import Queue


class GrantView(BaseModel):
    """Somebody of another institution who was let in."""

    subject: str
    institution: str
    rights: list[str]
    expires_at: str


class ConsultView(BaseModel):
    """A consultation; `state` is the DICOM Procedure Step State."""

    consult: str
    tenant: str
    session: str
    state: str
    reason: str
    urgency: str
    specialty: str
    requested_by: str
    requested_at: str
    claimed_by: str | None
    claimed_by_institution: str | None
    claimed_at: str | None
    ended_at: str | None
    position: int | None
    """Place in the queue, from 1; null where it does not wait"""
    expected_wait_s: float | None
    """From the recent consultations' lengths; null where nothing is known yet"""
    grants: list[GrantView]


def consult_view(consult: Consult, queue: Queue) -> ConsultView:
    """Say what is known of a consultation."""
    asked, claimed, ended = consult.requested, consult.claimed, consult.ended
    return ConsultView(
        consult=consult.id,
        tenant=asked.tenant,
        session=asked.session,
        state=consult.state,
        reason=asked.reason,
        urgency=asked.urgency,
        specialty=asked.specialty,
        requested_by=asked.subject,
        requested_at=_time(asked.at_ns),
        claimed_by=claimed.subject if claimed else None,
        claimed_by_institution=claimed.institution if claimed else None,
        claimed_at=_time(claimed.at_ns) if claimed else None,
        ended_at=_time(ended.at_ns) if ended else None,
        position=queue.position(consult),
        expected_wait_s=queue.expected_wait_s(consult),
        grants=[
            GrantView(
                subject=grant.subject,
                institution=grant.institution,
                rights=sorted(grant.rights),
                expires_at=_time(grant.expires_at_s * 1_000_000_000),
            )
            for grant in consult.grants.values()
        ],
    )


def _time(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns / 1e9, UTC).isoformat()
