"""Coded pictures and what one viewer gets of them: the newest, and none that builds on one it did not get."""

import asyncio
from collections import deque
from dataclasses import dataclass

from huizhen.api.live_frame import LiveFrame
from huizhen.api.video_picture import Reading

WAITING_MAX = 6  # a fifth of a second at 30 a second; then all go and the next key picture is waited for


@dataclass(frozen=True, slots=True)
class Shot:
    """One coded picture, the same object for everybody who watches."""

    frame: LiveFrame
    reading: Reading
    data: bytes
    """H.264, Annex B; a key picture with its parameter sets"""
    at: int
    """When it was coded, in 1/90,000 s since the coding began; rises"""
    key: bool


class ShotQueue:
    """What waits for one viewer."""

    def __init__(self) -> None:
        self._waiting: deque[Shot] = deque()
        self._arrived = asyncio.Event()
        self._newest = (-1, -1)
        self.waits_for_key = True
        self.dropped = 0
        """Frames it did not get"""

    @property
    def holds(self) -> int:
        """Shots that wait."""
        return len(self._waiting)

    def offer(self, shot: Shot) -> None:
        """Take a shot; never waits. One that cannot be decoded without another is left out."""
        if shot.key:
            self.waits_for_key = False
        if self.waits_for_key:
            self._drop(shot)
            return
        if len(self._waiting) >= WAITING_MAX:
            for one in (*self._waiting, shot):
                self._drop(one)
            self._waiting.clear()
            self.waits_for_key = True
            return
        self._waiting.append(shot)
        self._arrived.set()

    def _drop(self, shot: Shot) -> None:
        if shot.frame.order > self._newest:
            self.dropped += 1

    async def take(self) -> Shot:
        """Give the next shot, waiting for it."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        shot = self._waiting.popleft()
        self._newest = shot.frame.order
        return shot
