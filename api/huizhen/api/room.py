"""One consultation room as its events tell it: who presents, what is shown, drawings and messages.

All events of a consultation stand in one partition, so that every api process comes to the same room. Rules: the first
who comes in and may present does; a hand-over names the next term, and of two the first in the log has it; a view
counts only from the presenter of its term and only after its forerunner; a drawing is removed by who drew it or by the
presenter. What breaks a rule changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from huizhen.api.room_shapes import Drawing, Entered, Said, Seen, Stroke, Turn, View, read
from huizhen.schemas.events import ConsultEvent

DRAWINGS_MAX = 500  # on all frames together; more hides the picture, or is a flood
MESSAGES_MAX = 1_000  # references kept in memory; older ones stay on the topic
Person = tuple[str, str]
"""Institution and subject"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawing and whose it is."""

    by: Person
    at_ns: int
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class Message:
    """A chat message and whose it is."""

    by: Person
    at_ns: int
    object_key: str
    said: Said


@dataclass(slots=True)
class Room:
    """What is known of one room."""

    presenter: Person | None = None
    term: int = 0
    n: int = -1
    """The newest view of this term"""
    view: View | None = None
    drawings: dict[str, Drawn] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    def take(self, event: ConsultEvent) -> bool:
        """Fold an event in; say whether it changed the room."""
        fold = FOLDS.get(event.kind)
        return fold is not None and fold(self, event, (event.institution, event.subject))

    def see(self, seen: Seen, by: Person) -> bool:
        """Take a view on its fast way, past the log; the log tells the same later."""
        if by != self.presenter or seen.term != self.term or seen.n <= self.n:
            return False
        self.n, self.view = seen.n, seen.view
        return True

    def may_remove(self, name: str, by: Person) -> bool:
        """Say whether somebody may remove a drawing."""
        found = self.drawings.get(name)
        return found is not None and by in {found.by, self.presenter}

    def _enter(self, event: ConsultEvent, by: Person) -> bool:
        entered = read(Entered, event.payload)
        if entered is None or not entered.may_present or self.presenter is not None:
            return False
        self._turn(by)
        return True

    def _hand_over(self, event: ConsultEvent, _by: Person) -> bool:
        turn = read(Turn, event.payload)
        if turn is None or turn.term != self.term + 1:
            return False
        self._turn((turn.institution, turn.subject))
        return True

    def _turn(self, to: Person) -> None:
        self.presenter, self.term, self.n = to, self.term + 1, -1

    def _view(self, event: ConsultEvent, by: Person) -> bool:
        seen = read(Seen, event.payload)
        return seen is not None and self.see(seen, by)

    def _draw(self, event: ConsultEvent, by: Person) -> bool:
        stroke = read(Stroke, event.payload)
        if stroke is None:
            return False
        if stroke.remove is not None and self.may_remove(stroke.remove, by):
            del self.drawings[stroke.remove]
            return True
        drawing = stroke.add
        if drawing is None or drawing.id in self.drawings or len(self.drawings) >= DRAWINGS_MAX:
            return False
        self.drawings[drawing.id] = Drawn(by, event.at_ns, drawing)
        return True

    def _say(self, event: ConsultEvent, by: Person) -> bool:
        said = read(Said, event.payload)
        if said is None or not event.object_key:
            return False
        self.messages = [*self.messages[1 - MESSAGES_MAX :], Message(by, event.at_ns, event.object_key, said)]
        return True


FOLDS: dict[str, Callable[[Room, ConsultEvent, Person], bool]] = {
    "joined": Room._enter,
    "presenter": Room._hand_over,
    "view": Room._view,
    "annotation": Room._draw,
    "message": Room._say,
}
