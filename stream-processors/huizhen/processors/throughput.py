"""How many bytes arrive a second: says whether a fetch should gather records or give each one at once. Pure arithmetic.

A fetch costs broker and worker as much as the record in it. While few records come each is given at once; while they
come every few milliseconds some of them share a fetch.
"""

from dataclasses import dataclass

WINDOW_S = 0.5
BUSY_BYTES_S = 15e6  # five streams of 640×480 RGB at 30 frames/s: below, a fetch a record is cheap enough
CALM_BYTES_S = 12e6  # lower than BUSY: it is not to change its mind with every window


@dataclass(slots=True)
class Throughput:
    """Counts in windows of half a second."""

    is_busy: bool = False
    _bytes: int = 0
    _since_s: float = 0.0

    def arrived(self, size: int) -> None:
        """Count a record."""
        self._bytes += size

    def look(self, now_s: float) -> bool:
        """Say whether more arrives than is worth a fetch each; `now_s`: monotonic seconds."""
        took_s = now_s - self._since_s
        if took_s >= WINDOW_S:
            self.is_busy = self._bytes / took_s > (CALM_BYTES_S if self.is_busy else BUSY_BYTES_S)
            self._bytes, self._since_s = 0, now_s
        return self.is_busy
