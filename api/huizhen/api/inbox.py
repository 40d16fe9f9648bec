"""Hand things from a reader's thread to the event loop: bounded, in order, one wake-up for many."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

ITEMS_MAX = 10_000  # things that may wait for the loop; then the reader's thread waits
BATCH = 500  # things taken before other tasks of the loop have their turn
T = TypeVar("T")


class Inbox(Generic[T]):
    """A queue from one or more threads into `take`, which runs on the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, take: Callable[[T], None]) -> None:
        self._loop = loop
        self._take = take
        self._items: deque[T] = deque()
        self._room = threading.Semaphore(ITEMS_MAX)
        self._lock = threading.Lock()
        self._woken = False
        self._closed = False
        self._empty = asyncio.Event()

    def put(self, item: T) -> None:
        """Queue an item, from any thread but the loop's; waits while the inbox is full."""
        self._room.acquire()
        if self._closed:
            self._room.release()
            return
        with self._lock:
            self._items.append(item)
            if self._woken:
                return
            self._woken = True
        self._wake()

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._drain)
        except RuntimeError:  # the loop is closed: nobody is left to be told
            return

    def _drain(self) -> None:
        for _ in range(BATCH):
            with self._lock:
                if not self._items:
                    self._woken = False
                    self._empty.set()
                    return
                item = self._items.popleft()
            self._room.release()
            self._take(item)
        self._loop.call_soon(self._drain)

    def close(self) -> None:
        """Take nothing more, and let whoever waits go on."""
        self._closed = True
        self._room.release(ITEMS_MAX)

    async def drained(self) -> None:
        """Wait until everything put so far was taken."""
        self._empty.clear()
        with self._lock:
            if not self._items and not self._woken:
                return
        await self._empty.wait()
