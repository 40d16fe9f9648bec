"""Which rows the filling benchmark has, and what each is measured on."""

import math
import platform
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from benchmarks.filling.calibration import Calibration
from benchmarks.filling.coded_rows import coding_row, jpeg_row
from benchmarks.filling.deployed_row import deployed_row
from benchmarks.filling.detail_rows import detail_row, temporal_detail_row
from benchmarks.filling.frames import HELD_OUT, TUNING, Frame
from benchmarks.filling.hole_rows import FAST, SLOW, hole_row, literature_row, temporal_hole_row
from benchmarks.filling.measure import Row
from benchmarks.filling.path_row import path_row
from benchmarks.filling.rivals import Rivals

DETAIL_TARGET = "each frame >= best - 0.1 dB, mean >= best + 0.3 dB, 4 ms"
HOLE16_TARGET = "1.0 ms median, 2 ms p99; NS + 3.5 dB, FSR-fast; 200 x faster than FSR-fast"
ANCHOR_FRAMES = (11, 16, 21, 26)  # of each loop; frame 11 equals frame 10 in both
DEPLOYED_S = 60.0
LONGEST = 1000  # frames: more than a loop has
HOLE32_TARGET = "NS + 2 dB, FSR-fast, 2 ms"


def machine() -> dict[str, str]:
    """Say what the figures were measured on."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", info.read_text()) if info.is_file() else None
    blas = np.show_config("dicts")["Build Dependencies"]["blas"]
    return {
        "cpu": found.group(1) if found else platform.processor(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "blas": f"{blas['name']} {blas['version']}",
        "threads": "1",
        "ms": "CPU time of the thread, median",
    }


def _printed(make: Callable[[], Row]) -> Callable[[], dict[str, Any]]:
    return lambda: make().as_dict()


class Bench:
    """The rows, by name."""

    def __init__(self, rivals: Rivals, quick: bool) -> None:
        self.rivals, self.quick = rivals, quick
        self.calibration = Calibration()
        self._tuning = [make() for make in TUNING.values()]
        self._held = [make() for make in HELD_OUT.values()]
        self.repeats = 2 if quick else 10
        self.seeds = range(3) if quick else range(4)  # one mask alone tells little of a frame
        self.wanted = FAST if quick else FAST + SLOW

    def rows(self) -> dict[str, Callable[[], dict[str, Any]]]:
        """Give what measures each row."""
        measured: dict[str, Callable[[], Row]] = {
            "detail-from-quarter": lambda: self._detail("detail-from-quarter", self._tuning, 2),
            "detail-from-half": lambda: self._detail("detail-from-half", self._tuning, 1),
            "held-out-detail": lambda: self._detail("held-out-detail", self._held, 2),
            "held-out-detail-half": lambda: self._detail("held-out-detail-half", self._held, 1),
            "detail-temporal-quarter-gap4": lambda: self._temporal_detail("quarter", 2, "zero-detail + 6 dB, 5 ms"),
            "detail-temporal-half-gap4": lambda: self._temporal_detail("half", 1, "zero-detail + 8.5 dB, 5 ms"),
            "hole8-5pct": lambda: self._holes("hole8-5pct", self._tuning, 8, ""),
            "hole16-5pct": lambda: self._holes("hole16-5pct", self._tuning, 16, HOLE16_TARGET),
            "hole32-5pct": lambda: self._holes("hole32-5pct", self._tuning, 32, HOLE32_TARGET),
            "held-out-hole16-5pct": lambda: self._holes("held-out-hole16-5pct", self._held, 16, HOLE16_TARGET),
            "held-out-hole32-5pct": lambda: self._holes("held-out-hole32-5pct", self._held, 32, HOLE32_TARGET),
            "temporal-gap4": lambda: self._temporal_holes(4, "33 dB, 4 ms"),
            "temporal-gap1": lambda: self._temporal_holes(1, "44 dB"),
            "temporal-gap1-repeats": lambda: self._temporal_holes(1, "44 dB", ANCHOR_FRAMES),
            "jpeg-q50": lambda: jpeg_row(self._tuning, self.repeats),
            "held-out-jpeg-q50": lambda: jpeg_row(self._held, self.repeats, "held-out-jpeg-q50"),
            "literature-periodic8": self._literature,
            "stitch-filled": lambda: coding_row(2 * self.repeats),
        }
        made: dict[str, Callable[[], dict[str, Any]]] = {name: _printed(make) for name, make in measured.items()}
        made["path"] = lambda: path_row(40 if self.quick else 120)
        return made if self.quick else made | {"path-deployed": lambda: deployed_row(DEPLOYED_S)}

    def measure(self, names: list[str]) -> list[dict[str, Any]]:
        """Measure rows; those whose pictures are not there, since they come with a rival, are left out."""
        rows = self.rows()
        found: list[dict[str, Any]] = []
        for name in names:
            began = time.monotonic()
            row = rows[name]()
            if row["db"] is None or not math.isnan(row["db"]):
                found.append(row | {"took_s": time.monotonic() - began})
        return found

    def _detail(self, name: str, frames: list[Frame], levels: int) -> Row:
        return detail_row(
            name, frames, levels, repeats=self.repeats, calibration=self.calibration, target=DETAIL_TARGET
        )

    def _temporal_detail(self, size: str, levels: int, target: str) -> Row:
        name = f"detail-temporal-{size}-gap4"
        steps = {"loop-1": 13, "loop-2": 3} if self.quick else {"loop-1": 5, "loop-2": 1}
        return temporal_detail_row(
            name, levels, 4, steps=steps, repeats=self.repeats, calibration=self.calibration, target=target
        )

    def _holes(self, name: str, frames: list[Frame], side: int, target: str) -> Row:
        wanted: tuple[str, ...] = self.wanted
        if self.quick and name not in {"hole16-5pct", "held-out-hole16-5pct", "hole32-5pct"}:
            wanted = ("ns",)
        elif not self.quick and name != "hole16-5pct":
            wanted = FAST  # the slow two, a minute a frame, are asked for one row and the literature's
        repeats = 2 * self.repeats if side == 16 else self.repeats
        return hole_row(
            name,
            frames,
            side,
            seeds=self.seeds,
            rivals=self.rivals,
            wanted=wanted,
            slow_seeds=1,
            slow_frames=4 if self.quick and name != "hole16-5pct" else None,
            repeats=repeats,
            calibration=self.calibration,
            target=target,
        )

    def _temporal_holes(self, gap: int, target: str, anchor: Sequence[int] = ()) -> Row:
        steps = {"loop-1": 6, "loop-2": 2} if self.quick else {"loop-1": 2, "loop-2": 1}
        return temporal_hole_row(
            f"temporal-gap{gap}-repeats" if anchor else f"temporal-gap{gap}",
            gap,
            numbers={source: anchor or range(gap, LONGEST, step) for source, step in steps.items()},
            with_repeats=bool(anchor),
            rivals=self.rivals,
            wanted=("ns",) if anchor else ("ns", "fsr_fast"),
            repeats=self.repeats,
            calibration=self.calibration,
            target=target,
        )

    def _literature(self) -> Row:
        names = ("camera",) if self.quick else ("camera", "astronaut")
        return literature_row(names, self.rivals, self.wanted, self.repeats, self.calibration)
