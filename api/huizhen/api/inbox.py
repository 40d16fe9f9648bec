"""Hand things from a reader's thread to the event loop: bounded, in order, one wake-up for many.

What goes wrong with a thing, or in the reader's thread, comes out of `failed`: its owner waits for it and ends the
process loudly instead of going on with half a picture of the world.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

BATCH = 200  # things taken before other tasks of the loop have their turn
T = TypeVar("T")


class Inbox(Generic[T]):
    """A queue from one or more threads into `take`, which runs on the loop; at most `items_max` wait in it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, take: Callable[[T], None], items_max: int) -> None:
        self._loop = loop
        self._take = take
        self._items: deque[T] = deque()
        self._items_max = items_max
        self._room = threading.Semaphore(items_max)
        self._lock = threading.Lock()
        self._woken = False
        self._closed = False
        self._empty = asyncio.Event()
        self._failed: asyncio.Future[None] = loop.create_future()

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
        self._call(self._drain)

    def fail(self, error: Exception) -> None:
        """Say, from any thread, that the reader cannot go on."""
        self._call(lambda: self._fail(error))

    async def failed(self) -> None:
        """Wait for ever, or raise what went wrong."""
        await self._failed

    async def drained(self) -> None:
        """Wait until everything put so far was taken."""
        self._empty.clear()
        with self._lock:
            if not self._items and not self._woken:
                return
        await self._empty.wait()

    def close(self) -> None:
        """Take nothing more, and let whoever waits go on."""
        self._closed = True
        self._room.release(self._items_max)
        self._failed.cancel()

    def _call(self, what: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(what)
        except RuntimeError:  # the loop is closed: nobody is left to be told
            return

    def _fail(self, error: Exception) -> None:
        if not self._failed.done():
            self._failed.set_exception(error)

    def _drain(self) -> None:
        for _ in range(BATCH):
            with self._lock:
                if not self._items:
                    self._woken = False
                    self._empty.set()
                    return
                item = self._items.popleft()
            self._room.release()
            try:
                self._take(item)
            except Exception as error:  # noqa: BLE001 - outermost loop: the owner of `failed` ends the process
                self._fail(error)
                return
        self._loop.call_soon(self._drain)
