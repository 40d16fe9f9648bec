"""Hand every frame to whoever watches its source, and keep the newest of each for those who join."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from huizhen.api.live_frame import LiveFrame
from huizhen.schemas.ids import StreamId

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
        self._bytes = 0

    def publish(self, frame: LiveFrame) -> None:
        """Keep a frame where it is the newest, and offer it to all viewers of its source."""
        known = self._newest.get(frame.stream)
        if known is None or frame.order > known.order:
            self._keep(frame)
        for viewer in self._viewers.get(frame.stream, ()):
            viewer.offer(frame)

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


Publish = Callable[[LiveFrame], None]
