"""PSNR, SSIM, times and rows of the filling benchmark."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.generic]
Mask = NDArray[np.bool_]

PEAK = 255.0
UNIT = 512 * 512  # pixels that times are given for, where a row says "per 512 x 512"
TIMED_MIN = UNIT // 2  # pixels: smaller pictures are not timed, since scaling up would multiply the calls' overhead
WINDOW = 7  # pixels a side of SSIM


def psnr(square: float) -> float:
    """PSNR of a mean square error in 255ths of the frame's range; at most 99."""
    return min(99.0, 10 * float(np.log10(PEAK**2 / max(square, 1e-9))))


def square_error(found: Pixels, truth: Pixels, lost: Mask, scale: float) -> float:
    """Mean square error of the lost pixels in 255ths of the frame's range."""
    difference = (found[lost].astype(np.float64) - truth[lost].astype(np.float64)) / scale
    return float(np.square(difference).mean())


def ssim(found: Pixels, truth: Pixels, lost: Mask, scale: float) -> float:
    """Mean SSIM of the lost pixels (7 x 7 uniform windows, K = 0.01 and 0.03); colour: of the channels' mean."""
    first, second = (_grey(picture) / scale for picture in (found, truth))

    def mean(picture: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.blur(picture, (WINDOW, WINDOW)))

    one, two = mean(first), mean(second)
    both = mean(first * second) - one * two
    spread = mean(first * first) - one * one + mean(second * second) - two * two
    small, large = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2
    index = (2 * one * two + small) * (2 * both + large) / ((one * one + two * two + small) * (spread + large))
    return float(index[lost].mean())


def _grey(picture: Pixels) -> NDArray[np.float64]:
    wide = picture.astype(np.float64)
    return wide.mean(axis=2) if wide.ndim == 3 else wide


def timed_ms(work: Callable[[], object], repeats: int, pixels: int, unit: int = UNIT) -> list[float]:
    """Time the work on a picture and scale it to `unit` pixels; nothing for small pictures."""
    if pixels < TIMED_MIN:
        return []
    return [ms * unit / pixels for ms in times_ms(work, repeats)]


def times_ms(work: Callable[[], object], repeats: int) -> list[float]:
    """CPU milliseconds of this thread per call: on a busy machine nearer to the work's own cost than wall time."""
    taken: list[float] = []
    for _ in range(repeats):
        began = time.thread_time_ns()
        work()
        taken.append((time.thread_time_ns() - began) / 1e6)
    return taken


@dataclass(slots=True)
class Score:
    """What one method did over the frames of a row; the n-th mask of a frame is the same for all methods of a row."""

    squares: dict[str, list[float]] = field(default_factory=dict)
    pixels: dict[str, list[int]] = field(default_factory=dict)
    similar: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)

    def add(self, frame: str, square: float, similar: float, ms: list[float], pixels: int = 1) -> None:
        """Add one mask of `pixels` lost pixels."""
        self.pixels.setdefault(frame, []).append(pixels)
        self.squares.setdefault(frame, []).append(square)
        self.similar.append(similar)
        self.ms += ms

    def by_frame(self, others: "Sequence[Score]" = ()) -> dict[str, float]:
        """PSNR per frame, errors pooled over the lost pixels of its masks, of those only that all others saw."""
        found: dict[str, float] = {}
        for frame, squares in self.squares.items():
            count = min([len(squares), *(len(other.squares.get(frame, [])) for other in others)])
            if count:
                weights = self.pixels[frame][:count]
                found[frame] = psnr(float(np.average(squares[:count], weights=weights)))
        return found

    def db(self, others: "Sequence[Score]" = ()) -> float:
        """Mean over the frames of their PSNR; NaN without frames."""
        found = list(self.by_frame(others).values())
        return float(np.mean(found)) if found else float("nan")

    def median_ms(self) -> float | None:
        return float(np.median(self.ms)) if self.ms else None

    def p99_ms(self) -> float | None:
        return float(np.percentile(self.ms, 99)) if self.ms else None


@dataclass(slots=True)
class Row:
    """One row: our score, those of the rivals, and what else is worth saying."""

    name: str
    method: str
    target: str
    rule: str
    ours: Score = field(default_factory=Score)
    rivals: dict[str, Score] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def rival(self, name: str) -> Score:
        return self.rivals.setdefault(name, Score())

    def worst_margin(self, names: list[str]) -> dict[str, Any]:
        """Say on which frame we are least ahead of the best of some rivals, and by how many dB; and the mean."""
        others = [self.rivals[name] for name in names if name in self.rivals]
        ours, theirs = self.ours.by_frame(others), [other.by_frame([self.ours, *others]) for other in others]
        margins = {frame: db - max(rival[frame] for rival in theirs) for frame, db in ours.items()} if theirs else {}
        if not margins:
            return {}
        worst = min(margins, key=lambda frame: margins[frame])
        mean = float(np.mean(list(margins.values())))
        return {"frame": worst, "db": margins[worst], "mean_db": mean, "over": names}

    def as_dict(self) -> dict[str, Any]:
        """Give the row as it is printed."""
        shown: dict[str, Any] = {
            "name": self.name,
            "method": self.method,
            "ms": self.ours.median_ms(),
            "p99_ms": self.ours.p99_ms(),
            "min_ms": min(self.ours.ms, default=None),
            "db": self.ours.db(),
            "ssim": float(np.mean(self.ours.similar)) if self.ours.similar else None,
            "rivals": {
                name: {"ms": rival.median_ms(), "db": rival.db(), "ours_db": self.ours.db([rival])}
                for name, rival in self.rivals.items()
            },
            "target": self.target,
            "mask": self.rule,
            "frames": self.ours.by_frame(),
        }
        return shown | self.more
