"""A plane under repair, and squares in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill.recall import Earlier
from huizhen.processors.fill.ring import Places

Field = NDArray[np.float32]
Indexes = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Squares:
    """Squares of `side` pixels, at rows `tops` and columns `lefts`."""

    side: int
    tops: Indexes
    lefts: Indexes

    def __len__(self) -> int:
        return len(self.tops)

    def first(self, width: int) -> Indexes:
        """Give the flat indexes of their first pixels in a picture of `width` columns: (m, 1)."""
        return (self.tops * width + self.lefts)[:, None]

    def at(self, chosen: Indexes | Mask) -> "Squares":
        """Choose some."""
        return Squares(self.side, self.tops[chosen], self.lefts[chosen])


@dataclass(slots=True)
class Plane:
    """A plane under repair: `values` (rows, columns) of any real type and `known`, both changed in place.

    `scale`: grey levels per 255th of the frame's range; `earlier`: the previous exact frame, if there is one; `limits`:
    the smallest and the largest value that may be written; `age`: of the previous frame.
    """

    values: NDArray[np.generic]
    known: Mask
    scale: float
    earlier: Earlier | None = None
    limits: tuple[float, float] = (-np.inf, np.inf)
    age: int | None = None

    def gather(self, squares: Squares, places: Places) -> Field:
        """Read pixels relative to m squares, in grey levels of 255: (m, n)."""
        return self.read(self._at(squares, places))

    def read(self, at: Indexes) -> Field:
        """Read pixels by flat index, in grey levels of 255."""
        taken = self.values.reshape(-1).take(at).astype(np.float32)
        taken *= np.float32(1 / self.scale)
        return taken

    def put(self, squares: Squares, places: Places, values: Field) -> None:
        """Write the unknown ones of the pixels and call them known."""
        self.write(self._at(squares, places), values)

    def write(self, at: Indexes, values: Field) -> None:
        """Write the unknown ones of pixels by flat index and call them known; `values` in grey levels of 255."""
        flat, known = self.values.reshape(-1), self.known.reshape(-1)
        written = self.writable(values * np.float32(self.scale))
        kept = known.take(at)
        if kept.any():
            missing = ~kept
            at, written = at[missing], written[missing]
        flat[at] = written.astype(flat.dtype)
        known[at] = True

    def writable(self, filled: Field) -> Field:
        """Round to whole numbers, if the plane holds such, and clip to the limits."""
        if self.values.dtype.kind in "iu":
            filled = np.rint(filled)
        low, high = self.limits
        return filled if low == -np.inf else np.minimum(np.maximum(filled, np.float32(low)), np.float32(high))

    def _at(self, squares: Squares, places: Places) -> Indexes:
        width = self.values.shape[1]
        return np.asarray(squares.first(width) + (places.rows * width + places.columns))
