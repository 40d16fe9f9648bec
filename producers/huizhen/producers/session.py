"""What became of each frame of one session at the station: delivered, owed, on its way late, or dropped.

The journal keeps it across restarts: `flush` writes what is new as a note, once a second. After a crash at most a
second of deliveries is forgotten, and those frames go out again; doubled frames change nothing.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from huizhen.producers.flights import Settled
from huizhen.producers.journal import Entry
from huizhen.producers.journal_note import Note
from huizhen.producers.journal_state import JournalState, SourceState
from huizhen.schemas.ids import SourceId
from huizhen.schemas.ranges import Ranges
from huizhen.schemas.reasons import MissingReason


class Keeper(Protocol):
    """The journal as a session needs it."""

    @property
    def state(self) -> JournalState:
        """What it says besides pixels."""
        ...

    def note(self, note: Note) -> bool:
        """Take a note in."""
        ...

    def read(self, source: str, number: int) -> tuple[Entry, bytes] | None:
        """Read a frame back."""
        ...

    def snapshot(self) -> dict[str, SourceState]:
        """Copy what it says of each source, all at one moment."""
        ...


@dataclass(slots=True)
class _Account:
    backlog: Ranges = field(default_factory=Ranges)
    """Frames that are to go out late"""
    flying: Ranges = field(default_factory=Ranges)
    """Late frames on their way"""
    acked: Ranges = field(default_factory=Ranges)
    dropped: Ranges = field(default_factory=Ranges)
    """Delivered and dropped since the last flush"""
    torn: Ranges = field(default_factory=Ranges)


class Session:
    """Keeps account of one session; all threads use it."""

    def __init__(self, journal: Keeper, owed: Mapping[str, Ranges]) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._accounts: dict[str, _Account] = {}
        for source, numbers in owed.items():
            self._account(source).backlog.update(numbers)

    def _account(self, source: str) -> _Account:
        return self._accounts.setdefault(source, _Account())

    def settle(self, settled: Mapping[SourceId, Settled]) -> None:
        """Take in what live delivered, and what it leaves to backfill."""
        with self._lock:
            for source, found in settled.items():
                account = self._account(source)
                account.acked.update(found.delivered)
                account.backlog.update(found.late.without(account.flying))

    def owe(self, source: str, number: int) -> None:
        """Put a frame that never goes live on the backlog."""
        with self._lock:
            self._account(source).backlog.add(number)

    def drop(self, source: str, number: int) -> None:
        """Count a frame that found no room in the journal."""
        with self._lock:
            self._account(source).dropped.add(number)

    def tear(self, source: str, number: int) -> None:
        """Count a frame that the journal cannot give back; where Kafka had it before, nothing is lost by that."""
        state = self._journal.snapshot().get(source, SourceState())
        with self._lock:
            account = self._account(source)
            account.flying.discard(number)
            if number not in state.acked and number not in account.acked:
                account.torn.add(number)

    def resend(self, source: str, first: int, last: int) -> int:
        """Put journalled frames on the backlog again, unless they are on their way; say how many."""
        state = self._journal.snapshot().get(source)
        if state is None:
            return 0
        there = Ranges([(0, state.next_number - 1)] if state.next_number else [])
        with self._lock:
            account = self._account(source)
            asked = there.without(state.all_dropped).within(first, last).without(account.flying)
            asked = asked.without(account.backlog)
            account.backlog.update(asked)
        return len(asked)

    def next_late(self) -> tuple[str, int] | None:
        """Take the oldest frame off the backlog, of the source that has most; None where there is none."""
        with self._lock:
            waiting = [(len(account.backlog), source) for source, account in self._accounts.items() if account.backlog]
            if not waiting:
                return None
            _, source = max(waiting)
            account = self._accounts[source]
            number = account.backlog.pop()
            account.flying.add(number)
            return source, number

    def came(self, source: str, number: int, arrived: bool) -> None:
        """Take in what became of a late frame; one that was torn meanwhile stays so."""
        with self._lock:
            account = self._account(source)
            if number in account.flying:
                account.flying.discard(number)
                (account.acked if arrived else account.backlog).add(number)

    def flush(self) -> None:
        """Write what is new into the journal."""
        with self._lock:
            acked = _taken((name, account.acked) for name, account in self._accounts.items())
            full = _taken((name, account.dropped) for name, account in self._accounts.items())
            torn = _taken((name, account.torn) for name, account in self._accounts.items())
        dropped = {str(MissingReason.SPOOL_FULL): full, str(MissingReason.SPOOL_TORN): torn}
        note = Note(acked=acked, dropped={reason: numbers for reason, numbers in dropped.items() if numbers})
        if note != Note():
            self._journal.note(note)

    @property
    def behind(self) -> dict[str, int]:
        """Count the frames that wait for backfill or are on their way there, by source."""
        with self._lock:
            return {name: len(account.backlog) + len(account.flying) for name, account in self._accounts.items()}

    @property
    def is_flushed(self) -> bool:
        """Say whether nothing waits for backfill."""
        return not any(self.behind.values())


def _taken(numbers: Iterable[tuple[str, Ranges]]) -> dict[str, Ranges]:
    return {name: held.take_all() for name, held in numbers if held}


def owed_of(states: Mapping[str, SourceState]) -> dict[str, Ranges]:
    """Give what an earlier run left undelivered, by source."""
    return {name: state.owed() for name, state in states.items()}
