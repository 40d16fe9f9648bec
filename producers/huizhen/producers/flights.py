"""The frames of one source that are on their way, and what became of them."""

from dataclasses import dataclass, field

from huizhen.schemas.ranges import Ranges


@dataclass(frozen=True, slots=True)
class Settled:
    """Frames whose fate is known."""

    delivered: Ranges
    late: Ranges

    def __bool__(self) -> bool:
        return bool(self.delivered) or bool(self.late)


@dataclass(slots=True)
class _Flight:
    key: bool
    depends_on: frozenset[int]
    on_their_way: int = 0
    lost: bool = False
    whole: bool = False
    finished: bool = False


@dataclass(slots=True)
class Flights:
    """Follows frames from their first packet to their last delivery report; they settle in order."""

    _flights: dict[int, _Flight] = field(default_factory=dict)
    _broken: set[int] = field(default_factory=set)
    """Frames of the running key interval that lost a packet: who leans on them is late too"""
    _delivered: Ranges = field(default_factory=Ranges)
    _late: Ranges = field(default_factory=Ranges)

    def __len__(self) -> int:
        return len(self._flights)

    def begin(self, number: int, key: bool, depends_on: frozenset[int]) -> None:
        """A frame's packets are cut; its unchanged tiles lean on other frames."""
        self._flights[number] = _Flight(key, depends_on)

    def handed(self, number: int) -> None:
        """One of its packets was handed over."""
        self._flights[number].on_their_way += 1

    def finish(self, number: int, whole: bool) -> None:
        """None of its packets will follow; `whole` where none was given up."""
        flight = self._flights[number]
        flight.finished, flight.whole = True, whole
        self._settle()

    def leave(self, number: int) -> None:
        """A frame left live before it was begun."""
        self._late.add(number)

    def report(self, number: int, arrived: bool) -> None:
        """One of its packets arrived, or did not."""
        flight = self._flights[number]
        flight.on_their_way -= 1
        flight.lost = flight.lost or not arrived
        self._settle()

    def settled(self) -> Settled:
        """Give, once, what was settled since."""
        return Settled(self._delivered.take_all(), self._late.take_all())

    def _settle(self) -> None:
        for number, flight in list(self._flights.items()):
            if not flight.finished or flight.on_their_way:
                break
            del self._flights[number]
            if flight.key:
                self._broken.clear()
            if flight.lost:
                self._broken.add(number)
            leans_on_broken = not self._broken.isdisjoint(flight.depends_on)
            (self._delivered if flight.whole and not flight.lost and not leans_on_broken else self._late).add(number)
