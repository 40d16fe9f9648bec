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
    the smallest and the largest value that may be written.
    """

    values: NDArray[np.generic]
    known: Mask
    scale: float
    earlier: Earlier | None = None
    limits: tuple[float, float] = (-np.inf, np.inf)

    def gather(self, squares: Squares, places: Places) -> Field:
        """Read pixels relative to m squares, in grey levels of 255: (m, n)."""
        return self.read(self._at(squares, places))

    def read(self, at: Indexes) -> Field:
        """Read pixels by flat index, in grey levels of 255."""
        taken = np.take(self.values.reshape(-1), at).astype(np.float32)
        taken *= np.float32(1 / self.scale)
        return taken

    def are_known(self, squares: Squares, places: Places) -> Mask:
        """Say of m squares whether all of the pixels are known: (m,)."""
        return np.asarray(np.take(self.known.reshape(-1), self._at(squares, places)).all(axis=1))

    def put(self, squares: Squares, places: Places, values: Field) -> None:
        """Write the unknown ones of the pixels and call them known."""
        self.write(self._at(squares, places), values)

    def write(self, at: Indexes, values: Field) -> None:
        """Write the unknown ones of pixels by flat index and call them known; `values` in grey levels of 255."""
        flat, known = self.values.reshape(-1), self.known.reshape(-1)
        kept = np.take(known, at)
        written = self.writable(values * np.float32(self.scale))
        if kept.any():
            missing = ~kept
            flat[at[missing]] = written[missing]
        else:
            flat[at] = written
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
