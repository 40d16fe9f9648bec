"""One picture, coded once, for all who watch it as video.

Theory of operation. The hub offers frames; only the newest waits to be coded, on a thread of a small pool. Whoever
comes, or lost shots, gets a key picture at once: the next one coded is key for all. A key picture comes at least once a
second, of the same frame again where no other came, so that a lost packet is mended and a still picture stays whole.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from huizhen.api.live_frame import LiveFrame
from huizhen.api.metrics import Metrics
from huizhen.api.video_encoder import CLOCK_HZ, Encoder
from huizhen.api.video_picture import Reading, rgb_of
from huizhen.api.video_shots import Shot, ShotQueue
from huizhen.schemas.errors import BadInput

KEY_EVERY_S = 1.0
LOOK_S = 0.1  # how late a key picture of a still source may be
Read = Callable[[LiveFrame], Reading | None]
"""Says how a frame is read; None: it must not be shown (yet)"""


class Broadcast:
    """Codes the frames of one source for one kind of viewer."""

    def __init__(
        self, read: Read, pool: Executor, bitrate_kbps: int, clock_ns: Callable[[], int], metrics: Metrics
    ) -> None:
        self._read = read
        self._pool = pool
        self._bitrate_kbps = bitrate_kbps
        self._clock_ns = clock_ns
        self._metrics = metrics
        self._queues: set[ShotQueue] = set()
        self._waiting: LiveFrame | None = None
        self._last: LiveFrame | None = None
        self._newest = (-1, -1)
        self._wake = asyncio.Event()
        self._encoder: Encoder | None = None
        self._begun_ns = clock_ns()
        self._at = -1
        self._key_at_s = 0.0

    @contextmanager
    def handing(self, queue: ShotQueue) -> Iterator[None]:
        """Hand shots to a viewer while the block lasts, a key picture at once."""
        self._queues.add(queue)
        self._wake.set()
        try:
            yield
        finally:
            self._queues.discard(queue)

    def offer(self, frame: LiveFrame) -> None:
        """Take a frame from the hub; never waits, and an older one is left out."""
        if frame.order <= self._newest:
            return
        self._newest = frame.order
        if self._waiting is not None:
            self._metrics.video_frames_passed_over.inc()
        self._waiting = frame
        self._wake.set()

    async def run(self) -> None:
        """Code and hand out until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            frame = await self._next()
            try:
                reading = self._read(frame)
                if reading is None:
                    self._last = None
                    continue
                shot = await loop.run_in_executor(self._pool, self._code, frame, reading, self._key_due())
            except BadInput:  # it cannot be decoded, masked or coded: not shown
                self._last = None
                self._metrics.frames_bad.inc()
                continue
            self._metrics.video_frames_coded.inc()
            if shot.key:
                self._key_at_s = self._now_s()
            for queue in tuple(self._queues):
                queue.offer(shot)

    async def _next(self) -> LiveFrame:
        """Give the newest frame; the last one again where a key picture is due and no other came."""
        while True:
            if self._waiting is not None:
                self._last, self._waiting = self._waiting, None
                return self._last
            if self._last is not None and self._key_due():
                return self._last
            self._wake.clear()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _key_due(self) -> bool:
        wanted = any(queue.waits_for_key for queue in self._queues)
        return wanted or self._now_s() - self._key_at_s >= KEY_EVERY_S

    def _now_s(self) -> float:
        return (self._clock_ns() - self._begun_ns) / 1e9 + KEY_EVERY_S

    def _code(self, frame: LiveFrame, reading: Reading, key: bool) -> Shot:
        """Decode and code a frame, on a thread of the pool; one at a time."""
        began_ns = self._clock_ns()
        pixels = rgb_of(frame, reading)
        size = (pixels.shape[1], pixels.shape[0])
        if self._encoder is None or self._encoder.size != size:
            self._encoder, key = Encoder(*size, self._bitrate_kbps), True
        self._at = max(self._at + 1, (began_ns - self._begun_ns) * CLOCK_HZ // 1_000_000_000)
        data = self._encoder.encode(pixels, self._at, key)
        self._metrics.video_code_seconds.observe((self._clock_ns() - began_ns) / 1e9)
        return Shot(frame, reading, data, self._at, key)
