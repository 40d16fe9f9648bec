"""Who is in a room now, over all api processes: each seat says so every few seconds; one that falls silent is empty.

A process that is killed says no goodbye, so joined and left on the log could not tell; they are for the record.
"""

from dataclasses import dataclass, field

from huizhen.api.room import Person

BEAT_S = 2.0
SILENT_S = 15.0  # beats may be late where a machine is busy; who leaves says so, this is for who was cut off
PEOPLE_MAX = 50


@dataclass(frozen=True, slots=True)
class Seat:
    """One open socket of one person."""

    person: Person
    name: str = ""
    may_present: bool = False


@dataclass(slots=True)
class Attendance:
    """The seats of one room."""

    _seats: dict[str, tuple[Seat, float]] = field(default_factory=dict)

    def beat(self, seat_id: str, seat: Seat, now_s: float) -> bool:
        """Note that a seat is taken; say whether that is news."""
        known = self._seats.get(seat_id)
        self._seats[seat_id] = (seat, now_s)
        return known is None or known[0] != seat

    def leave(self, seat_id: str) -> bool:
        """Note that a seat is empty; say whether that is news."""
        return self._seats.pop(seat_id, None) is not None

    def sweep(self, now_s: float) -> bool:
        """Empty the seats that fell silent; say whether there were any."""
        silent = [seat_id for seat_id, (_, at_s) in self._seats.items() if at_s + SILENT_S <= now_s]
        for seat_id in silent:
            del self._seats[seat_id]
        return bool(silent)

    @property
    def people(self) -> list[Seat]:
        """Give everybody once, in the order they came."""
        found: dict[Person, Seat] = {}
        for seat, _ in self._seats.values():
            found.setdefault(seat.person, seat)
        return list(found.values())

    def has(self, person: Person) -> bool:
        """Say whether somebody is here."""
        return any(seat.person == person for seat, _ in self._seats.values())

    def is_full_for(self, person: Person) -> bool:
        """Say whether there is no room for one more."""
        return not self.has(person) and len(self.people) >= PEOPLE_MAX
