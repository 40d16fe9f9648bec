"""Hand every frame to whoever watches its source, and keep the newest of each for those who join.

A few before it are kept too: who holds a picture still in step with others asks for the very frame the others hold.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from huizhen.api.live_frame import LiveFrame
from huizhen.schemas.ids import StreamId

RECENT_MAX = 45  # frames of a source kept behind its newest: a second and a half at 30 a second
RECENT_BYTES_MAX = 8 << 20  # of one source
KEPT_BYTES_MAX = 64 << 20  # newest frames of all sources together; the longest unchanged go first


class Viewer(Protocol):
    """Somebody who watches."""

    def offer(self, frame: LiveFrame) -> None:
        """Take a frame; never waits."""


class Hub:
    """Fans frames out in memory: one reader of Kafka serves any number of viewers."""

    def __init__(self) -> None:
        self._viewers: dict[StreamId, set[Viewer]] = {}
        self._newest: dict[StreamId, LiveFrame] = {}
        self._recent: dict[StreamId, deque[LiveFrame]] = {}
        self._bytes = 0

    def publish(self, frame: LiveFrame) -> None:
        """Keep a frame where it is the newest, and offer it to all viewers of its source."""
        known = self._newest.get(frame.stream)
        if known is None or frame.order > known.order:
            self._keep(frame)
        viewers = self._viewers.get(frame.stream, ())
        if viewers:
            self._remember(frame)
        for viewer in viewers:
            viewer.offer(frame)

    def _remember(self, frame: LiveFrame) -> None:
        recent = self._recent.setdefault(frame.stream, deque(maxlen=RECENT_MAX))
        recent.append(frame)
        while sum(len(one.codestream) for one in recent) > RECENT_BYTES_MAX and len(recent) > 1:
            recent.popleft()

    def recent(self, stream: StreamId, number: int) -> LiveFrame | None:
        """Give a frame of a moment ago in its newest revision, if it is kept: only of sources that somebody watches."""
        found = [frame for frame in self._recent.get(stream, ()) if frame.order[0] == number]
        return max(found, key=lambda frame: frame.order, default=None)

    def _keep(self, frame: LiveFrame) -> None:
        old = self._newest.pop(frame.stream, None)
        self._bytes += len(frame.codestream) - (len(old.codestream) if old else 0)
        self._newest[frame.stream] = frame
        while self._bytes > KEPT_BYTES_MAX and len(self._newest) > 1:
            self._bytes -= len(self._newest.pop(next(iter(self._newest))).codestream)

    def newest(self, stream: StreamId) -> LiveFrame | None:
        """Give the newest frame of a source, if it is kept."""
        return self._newest.get(stream)

    @contextmanager
    def watching(self, stream: StreamId, viewer: Viewer) -> Iterator[None]:
        """Offer a source's frames to a viewer while the block lasts, the newest one at once."""
        self._viewers.setdefault(stream, set()).add(viewer)
        try:
            newest = self._newest.get(stream)
            if newest is not None:
                viewer.offer(newest)
            yield
        finally:
            left = self._viewers[stream]
            left.discard(viewer)
            if not left:
                del self._viewers[stream]
                self._recent.pop(stream, None)


Publish = Callable[[LiveFrame], None]
