"""Whether the stated errors are true: per row, the share of places whose stated error is within a factor of 2."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from benchmarks.filling.measure import Mask, Pixels
from numpy.typing import NDArray

from huizhen.processors.fill import FilledTile, Provenance

RULE = "stated over true root mean square error, tiles with content; errors below half a grey level of 255 count as it"
FACTOR = 2.0
LEAST = 0.5  # grey levels of 255: an error below it is rounding, whatever is stated
HOLD_OUT = "held-out"


@dataclass(slots=True)
class Calibration:
    """Ratios of stated to true error by row."""

    ratios: dict[str, list[float]] = field(default_factory=dict)

    def tiles(self, row: str, filled: list[FilledTile], counts: list[bool], truth: Pixels, scale: float) -> None:
        """Add tiles; those without content do not count."""
        for tile, count in zip(filled, counts, strict=True):
            if count:
                wrong = tile.pixels.astype(np.float64) - truth[tile.provenance.box.slices].astype(np.float64)
                self._add(row, tile.provenance.expected_error, wrong, scale)

    def places(
        self, row: str, places: list[Provenance], filled: Pixels, *, truth: Pixels, lost: Mask, scale: float
    ) -> None:
        """Add filled places."""
        for place in places:
            at = place.box.slices
            wrong = filled[at].astype(np.float64) - truth[at].astype(np.float64)
            self._add(row, place.expected_error, wrong[lost[at]], scale)

    def _add(self, row: str, stated: float, wrong: NDArray[np.float64], scale: float) -> None:
        true = float(np.sqrt(np.square(wrong).mean()))
        least = LEAST * scale
        self.ratios.setdefault(row, []).append(max(stated, least) / max(true, least))

    def as_dict(self) -> dict[str, Any]:
        """Give it by row, and over all tuning and all held-out rows."""
        tuning = [ratio for row, ratios in self.ratios.items() if HOLD_OUT not in row for ratio in ratios]
        held = [ratio for row, ratios in self.ratios.items() if HOLD_OUT in row for ratio in ratios]
        said = {row: _said(ratios) for row, ratios in self.ratios.items()}
        return {
            "target": "within a factor of 2 for 90 % of tiles",
            "mask": RULE,
            "suite": _said(tuning),
            "held_out": _said(held),
            "rows": said,
        }


def _said(ratios: list[float]) -> dict[str, Any]:
    if not ratios:
        return {"places": 0}
    found = np.array(ratios)
    within = (found > 1 / FACTOR) & (found < FACTOR)
    low, middle, high = np.percentile(found, [5, 50, 95]).tolist()
    return {"places": found.size, "within_2": float(within.mean()), "p5": low, "median": middle, "p95": high}
