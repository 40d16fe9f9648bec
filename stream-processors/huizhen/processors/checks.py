"""Look at the 1/8 picture of a frame: black, frozen, clipped, noise, blur, letterbox drift, rate. Pure; they only flag.

The thumbnail is the exact 5/3 low-pass of the codestream, so it costs no full decode and no resampling. Values are
fractions of the sample range; limits stand in the profile (`huizhen.schemas.profile.Thresholds`).
"""

from collections import deque
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from huizhen.schemas.codestream import MainHeader
from huizhen.schemas.htj2k import decode_low
from huizhen.schemas.profile import Thresholds
from huizhen.schemas.reasons import Flag

DISCARD = 3  # 1/8 size: 6 % of the bytes
LOOK_NS = 80_000_000  # twelve looks a second find what the checks look for; every frame would cost a third of a worker
RATE_FRAMES = 32  # over which a rate is measured
AREA_LOOKS = 16  # over which the picture area is the union: a fan's dark edge comes and goes
BASELINE_LOOKS = 32  # from which the area is learned that a drift is measured against
SIDE_MIN = 8  # of a thumbnail whose detail is judged: smaller ones are mostly border
PLAIN = 1e-5  # below this there is no detail to judge: rounding only
CONTENT_LEVEL = 0.04  # a row or column belongs to the picture where one sample is above
Luma = NDArray[np.float32]
Area = tuple[float, float, float, float]
"""Top, left, bottom, right as fractions of the sides"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a frame; levels are fractions of the sample range."""

    flags: tuple[Flag, ...] = ()
    mean_level: float = 0.0
    sharpness: float = 0.0


NOTHING_SEEN = Seen()


@dataclass(frozen=True, slots=True)
class Timing:
    """When and as which a frame was captured."""

    number: int
    captured_at_ns: int
    monotonic_ns: int
    expected_rate_hz: float = 0.0


def thumbnail(stream: bytes, header: MainHeader) -> tuple[Luma, float]:
    """Decode the 1/8 picture: (rows, columns) of luma as fractions of the range, and the share of clipped samples."""
    low = decode_low(stream, min(DISCARD, header.levels)).astype(np.float32)
    if header.signed:
        low += 1 << (header.bits - 1)
    low /= (1 << header.bits) - 1
    clipped = float(np.count_nonzero(low >= 1.0)) / low.size
    luma = np.clip(low, 0.0, 1.0)
    return np.asarray(luma.mean(axis=2) if luma.ndim == 3 else luma, np.float32), clipped


def sharpness_of(luma: Luma) -> float:
    """Give the mean absolute Laplacian."""
    return float(np.abs(cv2.Laplacian(luma, cv2.CV_32F)).mean())


def grain_of(luma: Luma) -> float | None:
    """Give how strong the finest detail is beside the next coarser one; None where the picture is too small or plain.

    The ratio does not depend on contrast, depth or modality: pictures have 0.4 to 1.7, white noise 2 to 4.
    """
    rows, columns = luma.shape
    if min(rows, columns) < SIDE_MIN:
        return None
    half = cv2.resize(luma, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
    coarse = sharpness_of(np.asarray(half, np.float32))
    return sharpness_of(luma) / coarse if coarse > PLAIN else None


def texture_of(luma: Luma) -> float | None:
    """Give the deviation from the 3×3 median as part of the whole deviation; None of a plain picture."""
    deviation = float(luma.std())
    return float((luma - cv2.medianBlur(luma, 3)).std()) / deviation if deviation > PLAIN else None


def area_of(luma: Luma) -> Area | None:
    """Give the smallest rectangle that holds all that is not black; None of a black picture."""
    rows = np.flatnonzero(luma.max(axis=1) > CONTENT_LEVEL)
    columns = np.flatnonzero(luma.max(axis=0) > CONTENT_LEVEL)
    if rows.size == 0:
        return None
    height, width = luma.shape
    return rows[0] / height, columns[0] / width, (rows[-1] + 1) / height, (columns[-1] + 1) / width


def still_flags(luma: Luma, clipped: float, limits: Thresholds) -> list[Flag]:
    """Judge one picture by itself."""
    mean, deviation = float(luma.mean()), float(luma.std())
    is_dark = mean <= limits.black_mean_max and deviation <= limits.black_deviation_max
    if is_dark or deviation <= PLAIN:
        return [Flag.BLACK]
    flags = []
    if clipped > limits.clipped_fraction_max:
        flags.append(Flag.CLIPPED)
    grain, texture = grain_of(luma), texture_of(luma)
    if grain is not None and grain > limits.noise_grain_max:
        flags.append(Flag.NOISE)
    is_soft = texture is not None and texture < limits.blur_texture_min
    if grain is not None and (is_soft or grain < limits.blur_grain_min):
        flags.append(Flag.BLUR)
    return flags


@dataclass(slots=True)
class _Look:
    """What was seen last."""

    seen: Seen = NOTHING_SEEN
    header: MainHeader | None = None
    at_ns: int = -LOOK_NS
    """When the picture was captured"""

    def holds(self, header: MainHeader, at_ns: int) -> bool:
        """Say whether a frame captured then looks alike, as far as is worth a look."""
        return 0 <= at_ns - self.at_ns < LOOK_NS and header == self.header


@dataclass(slots=True)
class PictureChecks:
    """The checks of one stream, with the few pictures they remember."""

    newest: int = -1
    _live: _Look = field(default_factory=_Look)
    _late: _Look = field(default_factory=_Look)
    _last: bytes = b""
    _still_since_ns: int = 0
    _monotonic_ns: int = -1
    _times: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=RATE_FRAMES))
    _areas: deque[Area] = field(default_factory=lambda: deque(maxlen=AREA_LOOKS))
    _baseline: list[Area] = field(default_factory=list)
    _shape: tuple[int, ...] = ()

    def look(self, stream: bytes, header: MainHeader, timing: Timing, limits: Thresholds) -> Seen:
        """Judge a frame's time and, every LOOK_NS at most, its 1/8 picture; between looks the last one holds.

        Of a late frame the picture alone is judged: it comes at no time of its own, and between no neighbours.
        """
        is_late = timing.number <= self.newest
        self.newest = max(self.newest, timing.number)
        last = self._late if is_late else self._live
        if not last.holds(header, timing.captured_at_ns):
            luma, clipped = thumbnail(stream, header)
            flags = still_flags(luma, clipped, limits) + ([] if is_late else self._motion(luma, timing, limits))
            last.seen, last.header, last.at_ns = _seen(flags, luma), header, timing.captured_at_ns
        if is_late:
            return last.seen
        return replace(last.seen, flags=(*last.seen.flags, *self._timing(timing, limits)))

    def _motion(self, luma: Luma, timing: Timing, limits: Thresholds) -> list[Flag]:
        flags = []
        now = luma.tobytes()
        if now != self._last:
            self._last, self._still_since_ns = now, timing.captured_at_ns
        elif timing.captured_at_ns - self._still_since_ns >= limits.frozen_after_s * 1e9:
            flags.append(Flag.FROZEN)
        if luma.shape != self._shape:
            self._shape = luma.shape
            self._areas.clear()
            self._baseline.clear()
        area = area_of(luma)
        if area is not None:
            flags += self._drift(area, limits)
        return flags

    def _drift(self, area: Area, limits: Thresholds) -> list[Flag]:
        self._areas.append(area)
        if len(self._baseline) < BASELINE_LOOKS:
            self._baseline.append(area)
            return []
        moved = max(abs(now - then) for now, then in zip(_union(self._areas), _union(self._baseline), strict=True))
        return [Flag.LETTERBOX_DRIFT] if moved > limits.letterbox_drift_max else []

    def _timing(self, timing: Timing, limits: Thresholds) -> list[Flag]:
        flags = []
        if self._monotonic_ns >= 0 and timing.monotonic_ns <= self._monotonic_ns:
            flags.append(Flag.TIME_NOT_RISING)
            self._times.clear()
        self._monotonic_ns = timing.monotonic_ns
        self._times.append((timing.number, timing.monotonic_ns))
        rate = _rate_hz(self._times) if len(self._times) == RATE_FRAMES else 0.0
        if rate and timing.expected_rate_hz:
            ratio = rate / timing.expected_rate_hz
            if ratio < limits.rate_low_ratio:
                flags.append(Flag.RATE_LOW)
            elif ratio > limits.rate_high_ratio:
                flags.append(Flag.RATE_HIGH)
        return flags


def _seen(flags: list[Flag], luma: Luma) -> Seen:
    return Seen(tuple(flags), float(luma.mean()), sharpness_of(luma))


def _union(areas: "deque[Area] | list[Area]") -> Area:
    tops, lefts, bottoms, rights = zip(*areas, strict=True)
    return min(tops), min(lefts), max(bottoms), max(rights)


def _rate_hz(times: "deque[tuple[int, int]]") -> float:
    (first, then_ns), (last, now_ns) = times[0], times[-1]
    return (last - first) * 1e9 / (now_ns - then_ns) if now_ns > then_ns else 0.0
