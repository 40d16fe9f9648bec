"""The clocks of the machine, and sleeping that a close interrupts."""

import threading
import time

from huizhen.producers.cadence import Instant


class SystemClock:
    """A Clock whose sleeper is woken by `close()`, from any thread."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    @property
    def is_closed(self) -> bool:
        """Say whether close() was called."""
        return self._closed.is_set()

    def now(self) -> Instant:
        """Read both clocks, one right after the other."""
        return Instant(time.time_ns(), time.monotonic_ns())

    def wait_until(self, monotonic_ns: int) -> bool:
        """Sleep until then; False as soon as the clock is closed."""
        remaining_s = (monotonic_ns - time.monotonic_ns()) / 1e9
        return not self._closed.wait(remaining_s) if remaining_s > 0 else not self.is_closed

    def close(self) -> None:
        """Wake the sleeper and let nobody sleep again."""
        self._closed.set()
