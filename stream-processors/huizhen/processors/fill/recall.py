"""What the previous frame shows where a hole is now, found by the hole's ring.

The ring is looked for in the previous frame, in steps of 2 pixels and then of 1. The nine places around the best one
are averaged, each by how well its ring agrees: that is finer than whole pixels, and it averages the noise away.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill.ring import Places

Field = NDArray[np.float32]
Indexes = NDArray[np.intp]

SEARCH = 6  # pixels each way
MARGIN = 10  # SEARCH, a step of refinement and the ring
FAR = 0.02  # per pixel of distance, by how much a match must be better
ROUNDING = 0.1  # least mean square change, in grey levels of 255 squared
STILL = 1.0  # mean square change, in grey levels of 255, up to which there is nothing to search for


@dataclass(frozen=True, slots=True)
class Earlier:
    """The previous frame's plane with MARGIN repeated pixels around; `scale` as of `Plane`."""

    values: NDArray[np.generic]
    scale: float

    @classmethod
    def of(cls, values: NDArray[np.generic], scale: float) -> "Earlier":
        """Frame a plane."""
        return cls(np.pad(values, MARGIN, "edge"), scale)

    @property
    def frame(self) -> NDArray[np.generic]:
        """The plane without its margin."""
        return self.values[MARGIN:-MARGIN, MARGIN:-MARGIN]

    @property
    def origin(self) -> int:
        """Flat index of the plane's first pixel."""
        return MARGIN * int(self.values.shape[1]) + MARGIN

    def read(self, at: Indexes) -> Field:
        """Read pixels by flat index, in grey levels of 255."""
        return np.asarray(np.take(self.values.reshape(-1), at), np.float32) * np.float32(1 / self.scale)

    def places(self, tops: Indexes, lefts: Indexes, places: Places) -> Indexes:
        """Give the flat indexes of pixels relative to m places: (m, n)."""
        width = self.values.shape[1]
        first = (tops + MARGIN) * width + lefts + MARGIN
        return np.asarray(first[:, None] + (places.rows * width + places.columns))


def recall(earlier: Earlier, ring: Indexes, hole: Indexes, seen: Field) -> tuple[Field, Field]:
    """Remember holes: their earlier pixels (m, pixels) and the change at their rings (m, n), in grey levels of 255.

    `ring`, `hole`: flat indexes of their pixels in the earlier frame; `seen`: the rings now.
    """
    change = seen - earlier.read(ring)
    remembered = earlier.read(hole)
    moving = np.flatnonzero(np.einsum("mn,mn->m", change, change) > STILL * change.shape[1])
    if moving.size:
        offsets, weights = _search(earlier, ring[moving], seen[moving])
        change[moving] = seen[moving] - _average(earlier, ring[moving], offsets, weights)
        remembered[moving] = _average(earlier, hole[moving], offsets, weights)
    return remembered, change


def _average(earlier: Earlier, at: Indexes, offsets: Indexes, weights: Field) -> Field:
    read = earlier.read(at[:, None, :] + offsets[:, :, None])
    return np.asarray(np.einsum("mdn,md->mn", read, weights), np.float32)


def _search(earlier: Earlier, ring: Indexes, seen: Field) -> tuple[Indexes, Field]:
    """Find nine places for each ring, as differences of flat indexes (m, 9), and their weights."""
    width = earlier.values.shape[1]
    down, right = _around(np.arange(-SEARCH, SEARCH + 1, 2))
    offsets = np.broadcast_to(down * width + right, (len(ring), down.size))
    squares = _squares(earlier, ring[:, ::2], seen[:, ::2], offsets)
    best = (squares * (1 + FAR * np.hypot(down, right))).argmin(axis=1)
    near_down, near_right = _around(np.arange(-1, 2))
    offsets = np.take(offsets[0], best)[:, None] + (near_down * width + near_right)
    squares = _squares(earlier, ring, seen, offsets) + np.float32(ROUNDING)
    weights = (squares.min(axis=1, keepdims=True) / squares) ** 2
    return offsets, weights / weights.sum(axis=1, keepdims=True)


def _around(steps: Indexes) -> tuple[Indexes, Indexes]:
    down, right = np.meshgrid(steps, steps, indexing="ij")
    return down.reshape(-1), right.reshape(-1)


def _squares(earlier: Earlier, ring: Indexes, seen: Field, offsets: Indexes) -> Field:
    """Mean square change of m rings at d places each: (m, d)."""
    change = earlier.read(ring[:, None, :] + offsets[:, :, None]) - seen[:, None, :]
    return np.asarray(np.einsum("mdn,mdn->md", change, change) / np.float32(seen.shape[1]))
