"""Seats at the live sockets: so many in all, so many per person."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

SEATS_PER_PERSON = 5


class Seats:
    """Counts who sits."""

    def __init__(self, seats_max: int) -> None:
        self._max = seats_max
        self._taken = 0
        self._by_person: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def take(self) -> Iterator[bool]:
        """Hold a seat while the block lasts; gives False where the house is full."""
        free = self._taken < self._max
        self._taken += free
        try:
            yield free
        finally:
            self._taken -= free

    @contextmanager
    def person(self, institution: str, subject: str) -> Iterator[bool]:
        """Hold one of a person's seats while the block lasts; gives False where all are taken."""
        who = (institution, subject)
        free = self._by_person[who] < SEATS_PER_PERSON
        self._by_person[who] += free
        try:
            yield free
        finally:
            self._by_person[who] -= free
            if not self._by_person[who]:
                del self._by_person[who]
