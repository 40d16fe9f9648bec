"""Whether the event loop moves: a supervisor starts a process again that hangs."""

import asyncio
from collections.abc import Callable

BEAT_S = 0.5
STUCK_S = 5.0


class Pulse:
    """Beats on the loop, is felt from any thread."""

    def __init__(self, clock_s: Callable[[], float]) -> None:
        self._clock_s = clock_s
        self._beaten_s = clock_s()

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            self._beaten_s = self._clock_s()
            await asyncio.sleep(BEAT_S)

    def check(self) -> dict[str, str]:
        """Say "ok", or for how long the loop has not moved."""
        still_s = self._clock_s() - self._beaten_s
        return {"api": "ok" if still_s < STUCK_S else f"the event loop has not moved for {still_s:.0f} s"}
