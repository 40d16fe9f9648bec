"""What one viewer is sent and when: the newest frame wins, never a backlog, never back in time.

Rules. At most `waiting_max` frames wait; one more and the oldest is dropped and counted. At most `window` frames are
with the viewer unpainted; until it says it painted them nothing more is sent, so that a thin link holds no old
pictures. A frame older than what was sent is not sent; a higher revision of the frame sent last is, once it is exact.
A viewer that says nothing for `SILENT_S` (a hidden page paints nothing) is taken to have painted.
"""

from collections import deque

from huizhen.api.live_frame import LiveFrame

SILENT_S = 2.0


class ViewerQueue:
    """The frames of one viewer."""

    def __init__(self, waiting_max: int, window: int) -> None:
        self._waiting: deque[LiveFrame] = deque()
        self._waiting_max = waiting_max
        self._window = window
        self._unpainted: deque[tuple[tuple[int, int], float]] = deque()
        self._sent = (-1, -1)
        self.dropped = 0

    @property
    def is_empty(self) -> bool:
        """Say whether no frame waits."""
        return not self._waiting

    def offer(self, frame: LiveFrame) -> None:
        """Take a new frame or revision in; what would lead back in time is left out."""
        newest = self._waiting[-1].order if self._waiting else self._sent
        number, revision = frame.order
        if (number, revision) <= newest:
            return
        if number == newest[0]:
            self._revise(frame)
            return
        self._waiting.append(frame)
        while len(self._waiting) > self._waiting_max:
            self._waiting.popleft()
            self.dropped += 1

    def refine(self, frame: LiveFrame) -> None:
        """Send the frame that was sent last once more, because a finer picture of it is wanted now."""
        if not self._waiting and frame.order == self._sent:
            self._waiting.append(frame)

    def _revise(self, frame: LiveFrame) -> None:
        if self._waiting:
            self._waiting[-1] = frame
        elif frame.meta.exact:
            self._waiting.append(frame)

    def take(self, now_s: float) -> LiveFrame | None:
        """Give the frame to send now; None where none waits or the viewer is not done painting."""
        while self._unpainted and self._unpainted[0][1] + SILENT_S <= now_s:
            self._unpainted.popleft()
        if not self._waiting or len(self._unpainted) >= self._window:
            return None
        frame = self._waiting.popleft()
        self._sent = frame.order
        self._unpainted.append((frame.order, now_s))
        return frame

    def painted(self, number: int, revision: int) -> bool:
        """Take the viewer's word that this frame is painted, and all before it; False where it was not with it."""
        known = any(order == (number, revision) for order, _ in self._unpainted)
        while known and self._unpainted and self._unpainted[0][0] <= (number, revision):
            self._unpainted.popleft()
        return known
