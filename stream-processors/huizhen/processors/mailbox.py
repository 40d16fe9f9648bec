"""Hand calls from other threads to the event loop, many in one wake-up: one costs as much as a frame's headers."""

import asyncio
from collections import deque
from collections.abc import Callable


class Mailbox:
    """Calls posted from any thread run on the event loop in order; `after` runs once behind each batch."""

    def __init__(self) -> None:
        self.after: Callable[[], None] = lambda: None
        self._loop = asyncio.get_running_loop()
        self._calls: deque[Callable[[], None]] = deque()
        self._is_woken = False

    def post(self, call: Callable[[], None]) -> None:
        """Queue a call. A closed loop takes none: the worker has ended."""
        self._calls.append(call)
        if not self._is_woken and not self._loop.is_closed():
            self._is_woken = True
            self._loop.call_soon_threadsafe(self._run)

    def _run(self) -> None:
        self._is_woken = False  # before the calls: one posted meanwhile wakes the loop again
        while self._calls:
            self._calls.popleft()()
        self.after()
