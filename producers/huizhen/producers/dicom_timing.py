"""When each frame of a DICOM file is due, from the data set's own words (PS3.3 C.7.6.5 Cine, C.7.6.6 Multi-frame)."""

import math
from dataclasses import dataclass

from pydicom.dataset import Dataset

from huizhen.producers.dicom_values import bad_dicom, decimal, decimals, element, integer

RATE_MAX_HZ = 1000.0  # ultrafast ultrasound records faster, but nobody watches it faster
SERIES_RATE_HZ = 10.0  # images that say nothing of time: paged through as a reader would
FRAME_TIME_VECTOR = 0x00181065


@dataclass(frozen=True, slots=True)
class Timing:
    """Offsets of the frames from the first, and how long a whole pass takes."""

    offsets_ns: tuple[int, ...]
    pass_ns: int

    def __post_init__(self) -> None:
        rising = all(a <= b for a, b in zip(self.offsets_ns, self.offsets_ns[1:], strict=False))
        if not self.offsets_ns or not rising or self.pass_ns <= self.offsets_ns[-1]:
            raise ValueError("offsets must rise and end before the pass does")

    @property
    def rate_hz(self) -> float:
        """Mean rate."""
        return len(self.offsets_ns) * 1e9 / self.pass_ns


def steady(frames: int, rate_hz: float) -> Timing:
    """Pace `frames` frames evenly."""
    if not (math.isfinite(rate_hz) and 0 < rate_hz <= RATE_MAX_HZ):
        raise bad_dicom(f"a rate of {rate_hz:g} frames/s: above 0 and up to {RATE_MAX_HZ:g} (RATE_MAX_HZ) are replayed")
    return Timing(tuple(round(index * 1e9 / rate_hz) for index in range(frames)), round(frames * 1e9 / rate_hz))


def timing_of(data: Dataset, frames: int) -> Timing | None:
    """Read the file's own pace: FrameTimeVector or FrameTime, else CineRate, else RecommendedDisplayFrameRate.

    FrameIncrementPointer decides between the first two where both are there; None where the file says nothing.
    """
    vector = decimals(data, "FrameTimeVector") if frames > 1 else ()
    frame_time_ms = decimal(data, "FrameTime")
    if vector and (frame_time_ms <= 0 or _points_to_vector(data)):
        return _by_vector(vector, frames)
    if frame_time_ms > 0:
        return steady(frames, 1000 / frame_time_ms)
    for keyword in ("CineRate", "RecommendedDisplayFrameRate"):
        rate_hz = integer(data, keyword, 0)
        if rate_hz > 0:
            return steady(frames, rate_hz)
    return None


def _points_to_vector(data: Dataset) -> bool:
    pointer = element(data, "FrameIncrementPointer")
    return pointer is not None and bool(pointer.value == FRAME_TIME_VECTOR)


def _by_vector(increments_ms: tuple[float, ...], frames: int) -> Timing:
    if len(increments_ms) != frames:
        raise bad_dicom(f"FrameTimeVector has {len(increments_ms)} values for {frames} frames")
    if any(increment < 0 for increment in increments_ms[1:]) or sum(increments_ms[1:]) <= 0:
        raise bad_dicom("FrameTimeVector does not rise")
    offsets, at_ms = [0], 0.0
    for increment in increments_ms[1:]:  # the first value is zero by definition
        at_ms += increment
        offsets.append(round(at_ms * 1e6))
    timing = Timing(tuple(offsets), offsets[-1] + round(at_ms * 1e6 / (frames - 1)))
    if timing.rate_hz > RATE_MAX_HZ:
        raise bad_dicom(f"FrameTimeVector asks for {timing.rate_hz:g} frames/s, limit {RATE_MAX_HZ:g} (RATE_MAX_HZ)")
    return timing
