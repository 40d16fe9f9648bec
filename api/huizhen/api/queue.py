"""The consultation queue: who is next, and how long that may take."""

import itertools
from collections.abc import Callable, Iterable
from statistics import median

from huizhen.api.consult import Consult
from huizhen.schemas.events import ConsultEvent
from huizhen.schemas.ids import Grant
from huizhen.schemas.states import StepState

CONSULTS_MAX = 20_000  # about 40 MB; the oldest ended ones go first
RECENT = 20  # consultations whose length is expected of the next ones
URGENCIES = ("STAT", "HIGH", "ROUTINE", "MEDIUM", "LOW")
"""DICOM Scheduled Procedure Step Priority; STAT and ROUTINE are read as more than HIGH and as MEDIUM"""
RANK = {"STAT": 0, "HIGH": 1, "MEDIUM": 2, "ROUTINE": 2, "LOW": 3}


class Queue:
    """Folds consultation events; knows order, expected wait and who was let in where."""

    def __init__(self) -> None:
        self._consults: dict[str, Consult] = {}
        self._last_length_s: list[float] = []
        self._granted: dict[tuple[str, str], set[str]] = {}

    def take(self, event: ConsultEvent) -> Consult | None:
        """Fold an event in; return the consultation it changed, or None where it did not count."""
        known = self._consults.get(event.consult)
        if known is None:
            return self._begin(event) if event.kind == "requested" else None
        if not known.take(event):
            return None
        if known.state is StepState.COMPLETED and event is known.ended and known.claimed is not None:
            length_s = max(0.0, (event.at_ns - known.claimed.at_ns) / 1e9)
            self._last_length_s = [*self._last_length_s[-RECENT + 1 :], length_s]
        if event.kind == "granted":
            self._granted.setdefault((event.institution, event.subject), set()).add(event.consult)
        return known

    def _begin(self, event: ConsultEvent) -> Consult:
        consult = self._consults[event.consult] = Consult(event)
        if len(self._consults) > CONSULTS_MAX:
            ended = (one.id for one in self._consults.values() if one.ended is not None)
            del self._consults[next(itertools.chain(ended, self._consults))]
        return consult

    def find(self, consult: str) -> Consult | None:
        """Give a consultation."""
        return self._consults.get(consult)

    def where(self, wanted: Callable[[Consult], bool]) -> list[Consult]:
        """Give the consultations that are wanted, newest first."""
        return sorted((one for one in self._consults.values() if wanted(one)), key=order, reverse=True)

    def waiting(self, tenant: str) -> list[Consult]:
        """Give an institution's waiting consultations in the order they are to be taken."""
        return sorted(self._of(tenant, StepState.SCHEDULED), key=lambda one: (_rank(one), order(one)))

    def position(self, consult: Consult) -> int | None:
        """Give the place in the queue, from 1; None where it does not wait."""
        if consult.state is not StepState.SCHEDULED:
            return None
        return 1 + self.waiting(consult.requested.tenant).index(consult)

    def expected_wait_s(self, consult: Consult) -> float | None:
        """Estimate the wait: those ahead and those running, each of the recent median length, shared by busy experts.

        None where nothing is known yet or the consultation does not wait.
        """
        position = self.position(consult)
        if position is None or not self._last_length_s:
            return None
        busy = len(list(self._of(consult.requested.tenant, StepState.IN_PROGRESS)))
        return median(self._last_length_s) * (position - 1 + busy) / max(1, busy)

    def _of(self, tenant: str, state: StepState) -> Iterable[Consult]:
        return (one for one in self._consults.values() if one.state is state and one.requested.tenant == tenant)

    def grants(self, institution: str, subject: str, now_s: float) -> list[Grant]:
        """Give the grants that let a subject in somewhere now."""
        who = (institution, subject)
        consults = (self._consults.get(name) for name in self._granted.get(who, ()))
        found = (one.grants.get(who) for one in consults if one is not None)
        return [grant for grant in found if grant is not None and now_s < grant.expires_at_s]


def order(consult: Consult) -> tuple[int, str]:
    """Give the place of a consultation in lists: by its request."""
    return consult.requested.at_ns, consult.id


def _rank(consult: Consult) -> int:
    return RANK.get(consult.requested.urgency, RANK["ROUTINE"])
