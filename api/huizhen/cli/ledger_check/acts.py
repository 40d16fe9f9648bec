"""L9: each act has one audit record, and no record is without an act. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from huizhen.schemas.events import AuditEvent


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """What somebody did or was denied, as who did it wrote it down and as the audit trail tells it."""

    subject: str
    route: str
    method: str = ""
    session: str = ""
    outcome: int = 0

    def __str__(self) -> str:
        of = f" of {self.session}" if self.session else ""
        return f"{self.method} {self.route}{of} by {self.subject}, outcome {self.outcome}".lstrip()


def told(event: AuditEvent) -> Act:
    """Give the act that an audit event tells of."""
    return Act(event.subject, event.route, event.method, event.session, event.outcome)


def unmatched(acts: Iterable[Act], records: Iterable[Act]) -> list[str]:
    """Say which acts have no record, and which records no act."""
    done, written = Counter(acts), Counter(records)
    silent = [f"{count} times no audit record: {act}" for act, count in sorted((done - written).items())]
    return silent + [f"{count} audit records without an act: {act}" for act, count in sorted((written - done).items())]
