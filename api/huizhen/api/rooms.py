"""The rooms of all consultations that had somebody in them; bounded, the longest untouched go first."""

from huizhen.api.room import FOLDS, Room
from huizhen.schemas.events import ConsultEvent

ROOMS_MAX = 2_000  # at a few KiB each, 100 messages and drawings


class Rooms:
    """Folds the events of rooms."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}

    def find(self, consult: str) -> Room:
        """Give a consultation's room, empty where nobody came in yet."""
        return self._rooms.get(consult) or Room()

    def take(self, event: ConsultEvent) -> Room | None:
        """Fold an event in; give the room it changed, or None."""
        if event.kind not in FOLDS:
            return None
        room = self._rooms.pop(event.consult, None) or Room()
        self._rooms[event.consult] = room
        while len(self._rooms) > ROOMS_MAX:
            del self._rooms[next(iter(self._rooms))]
        return room if room.take(event) else None
