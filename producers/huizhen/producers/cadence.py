"""When frames are due: absolute monotonic deadlines, so that small delays never add up."""

from dataclasses import dataclass
from typing import Protocol

LATE_MAX_NS = 1_000_000_000  # a source later than this goes on from now instead of rushing to catch up


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment on both clocks, read together."""

    utc_ns: int
    """Nanoseconds since 1970, UTC"""
    monotonic_ns: int


class Clock(Protocol):
    """What a source needs of time."""

    def now(self) -> Instant:
        """Read both clocks."""
        ...

    def wait_until(self, monotonic_ns: int) -> bool:
        """Sleep until then; False as soon as the source is closed."""
        ...


@dataclass(frozen=True, slots=True)
class Cadence:
    """Frames are due at `origin_ns` plus their offset, on the monotonic clock."""

    origin_ns: int

    def due_ns(self, offset_ns: int) -> int:
        """Give the deadline of a frame."""
        return self.origin_ns + offset_ns

    def after(self, offset_ns: int, now_ns: int) -> "Cadence":
        """Give the cadence to go on with once the frame at `offset_ns` has gone out at `now_ns`."""
        late_ns = now_ns - self.due_ns(offset_ns)
        return Cadence(self.origin_ns + late_ns) if late_ns > LATE_MAX_NS else self
