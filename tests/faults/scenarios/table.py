"""The faults that are played on the line, by their id."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.checks.figures import Figures
from tests.faults.scenarios import killed, store
from tests.faults.services.stage import Stage


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the table."""

    id: str
    what: str
    play: Callable[[Stage], Figures]


FAULTS = (
    Fault("F5h", "kill -9 at hooks", killed.killed_at_hooks),
    Fault("F5r", "kill -9 at random", killed.killed_at_random),
    Fault("F9", "object store away", store.away),
    Fault("F10", "store flips bytes", store.changes_bytes),
    Fault("F6", "worker ended in order", killed.ended_in_order),
)
QUICK = ("F5h", "F9", "F10")
