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
        taken = np.take(self.values.reshape(-1), self._at(squares, places))
        return np.asarray(taken, np.float32) * np.float32(1 / self.scale)

    def are_known(self, squares: Squares, places: Places) -> Mask:
        """Say of m squares whether all of the pixels are known: (m,)."""
        return np.asarray(np.take(self.known.reshape(-1), self._at(squares, places)).all(axis=1))

    def put(self, squares: Squares, places: Places, values: Field) -> None:
        """Write the unknown ones of the pixels and call them known."""
        at = self._at(squares, places)
        known = self.known.reshape(-1)
        missing = ~np.take(known, at)
        self.values.reshape(-1)[at[missing]] = self.writable(values * np.float32(self.scale))[missing]
        known[at] = True

    def writable(self, filled: Field) -> Field:
        """Round to whole numbers, if the plane holds such, and clip to the limits."""
        if np.issubdtype(self.values.dtype, np.integer):
            filled = np.rint(filled)
        return np.asarray(np.clip(filled, *self.limits), np.float32)

    def _at(self, squares: Squares, places: Places) -> Indexes:
        width = self.values.shape[1]
        return np.asarray((squares.tops * width + squares.lefts)[:, None] + (places.rows * width + places.columns))
