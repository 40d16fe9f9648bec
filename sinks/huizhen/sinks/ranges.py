"""Which frames belong in one instance: fixed ranges of frame numbers, and when a range is closed.

Rules. A multi-frame instance holds the frames of one range of one geometry: as many as the largest power of two that
fits the limits, so that ranges of different geometries nest. Ranges are fixed by number, not by time or arrival: a
second run puts the same frames in the same instances. An image of a single-frame series is a range of its own.

A range is closed when each of its numbers is accounted for; or when the stream is `LINGER_NS` of capture time past it
(by the frames' own clock, so that a second reading decides alike); or when the stream has been still for `STILL_S`.
Exact frames that come later go to a supplement of the same range.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.ranges import Ranges, Run
from huizhen.sinks.frames import Held

LINGER_NS = 5_000_000_000  # backfill of a frame that lost its detail usually comes within seconds
STILL_S = 30.0  # a paused stream shall be readable in the archive, not wait for its next frame


@dataclass(frozen=True, slots=True)
class Limits:
    """How large one multi-frame instance may be."""

    max_bytes: int
    max_frames: int

    def per_instance(self, pixels: PixelFormat, multi_frame: bool = True) -> int:
        """Give the frames per instance: a power of two, at least 1; an image of a single-frame class stands alone."""
        if not multi_frame:
            return 1
        most = min(self.max_frames, self.max_bytes // pixels.frame_bytes)
        return 1 << max(0, most.bit_length() - 1)


def range_of(number: int, per_instance: int) -> Run:
    """Give the range that a frame number belongs to."""
    first = number - number % per_instance
    return first, first + per_instance - 1


@dataclass(slots=True)
class OpenRange:
    """The exact frames of one range and geometry that wait to be stored together."""

    geometry: int
    run: Run
    frames: dict[int, Held] = field(default_factory=dict)
    newest_captured_at_ns: int = 0
    last_arrival_s: float = 0.0

    def add(self, frame: Held, now_s: float) -> None:
        """Take a frame; `now_s` on a monotonic clock."""
        self.frames[frame.number] = frame
        self.newest_captured_at_ns = max(self.newest_captured_at_ns, frame.captured_at_ns)
        self.last_arrival_s = now_s

    def is_full(self, accounted: Ranges) -> bool:
        """Say whether no frame of the range is still to come: each is held here or accounted for."""
        first, last = self.run
        missing = accounted.gaps(first, last + 1)
        return all(number in self.frames for begin, end in missing for number in range(begin, end + 1))

    def is_past(self, captured_at_ns: int) -> bool:
        """Say whether a frame of this capture time shows that the stream has left the range behind."""
        return captured_at_ns >= self.newest_captured_at_ns + LINGER_NS

    def is_still(self, now_s: float) -> bool:
        """Say whether nothing came for the range for so long that it is closed as it is."""
        return now_s >= self.last_arrival_s + STILL_S


def in_order(frames: Collection[Held]) -> tuple[Held, ...]:
    """Give frames by rising number."""
    return tuple(sorted(frames, key=lambda frame: frame.number))
