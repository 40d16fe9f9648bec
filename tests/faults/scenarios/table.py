"""The faults that are played on the line, by their id."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.checks.figures import Figures
from tests.faults.scenarios import brokers, killed, stations, store, viewers, workers
from tests.faults.services.stage import Stage


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the table."""

    id: str
    what: str
    play: Callable[[Stage], Figures]
    brokers: int = 1
    """How many brokers it wants at the least"""

    def said(self, figures: Figures, seed: int) -> str:
        """Give the line that is printed of it."""
        return f"{self.id:<5}{self.what:<26}{figures.as_text()}  (seed {seed})"


FAULTS = (
    Fault("F1", "each of 3 brokers killed", brokers.each_killed, brokers=3),
    Fault("F2", "all brokers down", brokers.all_down, brokers=3),
    Fault("F2o", "the only broker down", brokers.only_one_down),
    Fault("F3", "journal full", stations.spool_full, brokers=3),
    Fault("F4", "a broker frozen", brokers.one_frozen, brokers=3),
    Fault("F5", "kill -9", killed.killed),
    Fault("F6", "worker ended in order", killed.ended_in_order),
    Fault("F7", "workers come and go", workers.storm),
    Fault("F8", "two stations, one exam", stations.doubled),
    Fault("F9", "object store away", store.away),
    Fault("F10", "store flips bytes", store.changes_bytes),
    Fault("F11", "disks full", stations.disk_full),
    Fault("F12", "journal torn", stations.torn, brokers=3),
    Fault("F14", "clock steps", stations.clock_steps),
    Fault("F15", "a thin link among others", viewers.thin_link),
    Fault("F16", "viewers drop and return", viewers.comes_back),
    Fault("F18", "poison", workers.poison),
    Fault("F19", "no dead letters", workers.no_dead_letters),
    Fault("F21", "a broker cut off", brokers.one_cut_off, brokers=3),
    Fault("F24", "leaks and limits", workers.leak),
)
QUICK = ("F5", "F9", "F10")
