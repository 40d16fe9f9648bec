"""What waits for one participant: news in order, bounded; of each pointer and of the view only the newest.

Pointers move thirty times a second and matter only now, so they never queue: at most one message of all that moved per
GESTURE_S. News (drawings, messages, who presents) must all arrive; whoever takes none for so long that NEWS_MAX wait
is sent away and comes back to the whole room.
"""

from collections import deque
from dataclasses import dataclass, field

NEWS_MAX = 200  # a flood of drawings, or half a minute of a link that takes nothing
GESTURE_S = 0.033


@dataclass(slots=True)
class RoomOutbox:
    """The messages of one participant."""

    is_overrun: bool = False
    _news: deque[dict[str, object]] = field(default_factory=deque)
    _pointers: dict[tuple[str, str], dict[str, object]] = field(default_factory=dict)
    _view: dict[str, object] | None = None
    _gestured_s: float = -1.0

    def news(self, message: dict[str, object]) -> None:
        """Queue what must arrive."""
        self.is_overrun = self.is_overrun or len(self._news) >= NEWS_MAX
        if not self.is_overrun:
            self._news.append(message)

    def pointer(self, person: tuple[str, str], message: dict[str, object]) -> None:
        """Note where somebody points."""
        self._pointers[person] = message

    def view(self, message: dict[str, object]) -> None:
        """Note what the presenter sees."""
        self._view = message

    def take(self, now_s: float) -> list[dict[str, object]]:
        """Give what is to be sent now."""
        found = list(self._news)
        self._news.clear()
        if now_s - self._gestured_s < GESTURE_S or not (self._pointers or self._view):
            return found
        self._gestured_s = now_s
        if self._view:
            found.append(self._view)
        if self._pointers:
            found.append({"type": "pointers", "pointers": list(self._pointers.values())})
        self._view = None
        self._pointers.clear()
        return found

    def due_s(self, now_s: float) -> float:
        """Give the seconds until something may be sent; large where nothing waits."""
        if self._news:
            return 0.0
        if not (self._pointers or self._view):
            return 3600.0
        return max(0.0, self._gestured_s + GESTURE_S - now_s)
