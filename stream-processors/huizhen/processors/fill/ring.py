"""The known surroundings of a square hole: up to four edges of its ring, each RING pixels deep.

Corners are left out: they bring under 0.05 dB, and without them there are 15 patterns of known edges instead of 255.
Turned and mirrored these are five FORMS, so pixels are listed as seen from the form: the n-th pixel of a ring, and of a
hole, means the same for every pattern of a form, and one operator serves them all.
"""

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RING = 2  # pixels; a third row adds under 0.1 dB
GROUPS = 4  # means per row of an edge by which a model is chosen; finer ones follow the noise
EDGES = 4  # top, bottom, left, right: the bits of a pattern
FLAT_KEPT = 16  # tables of flat indexes: 3 sides, a frame and its earlier one, at full and at half size
WHOLE = (1 << EDGES) - 1  # the pattern of a hole with all edges known
FORMS = (0b0001, 0b0011, 0b0101, 0b0111, WHOLE)  # top; top and bottom; top and left; all but right; all

Indexes = NDArray[np.intp]


class Places(NamedTuple):
    """Rows and columns of pixels relative to the hole's first pixel."""

    rows: Indexes
    columns: Indexes


class Turn(NamedTuple):
    """How a form is laid over a pattern: first mirrored at its diagonal, then upside down, then left to right."""

    diagonal: bool
    upside_down: bool
    left_right: bool

    def places(self, side: int, places: Places) -> Places:
        """Lay pixels of the form over the pattern."""
        rows, columns = (places.columns, places.rows) if self.diagonal else places
        last = side - 1
        return Places(last - rows if self.upside_down else rows, last - columns if self.left_right else columns)

    def pattern(self, form: int) -> int:
        """Give the pattern that the form becomes."""
        top, bottom, left, right = (form >> index & 1 for index in range(EDGES))
        if self.diagonal:
            top, bottom, left, right = left, right, top, bottom
        if self.upside_down:
            top, bottom = bottom, top
        if self.left_right:
            left, right = right, left
        return top | bottom << 1 | left << 2 | right << 3


TURNS = tuple(Turn(d, u, r) for d in (False, True) for u in (False, True) for r in (False, True))


@cache
def form_of(pattern: int) -> tuple[int, Turn]:
    """Give the form of a pattern, and how it is laid over it."""
    return next((form, turn) for form in FORMS for turn in TURNS if turn.pattern(form) == pattern)


@cache
def ring(side: int, pattern: int) -> Places:
    """Give the pixels of a pattern's known edges, in the order of its form: edge by edge, row by row along it."""
    form, turn = form_of(pattern)
    edges = [_edge(side, index) for index in range(EDGES) if form >> index & 1]
    rows, columns = (np.concatenate(parts) for parts in zip(*edges, strict=True))
    return turn.places(side, Places(rows, columns))


@cache
def inside(side: int, pattern: int = WHOLE) -> Places:
    """Give the pixels of the hole itself, in the order of the pattern's form."""
    rows, columns = np.divmod(np.arange(side * side), side)
    return form_of(pattern)[1].places(side, Places(rows, columns))


@lru_cache(maxsize=FLAT_KEPT)
def flat_rings(side: int, width: int) -> Indexes:
    """Give `ring` of every pattern as differences of flat indexes in a picture of `width` columns: (patterns, n).

    All are as long as that of the whole pattern: pixels of shorter ones come again.
    """
    whole = len(ring(side, WHOLE).rows)
    flat = (np.resize(ring(side, n).rows * width + ring(side, n).columns, whole) for n in range(1, WHOLE + 1))
    return np.stack((np.zeros(whole, np.intp), *flat))


@lru_cache(maxsize=FLAT_KEPT)
def flat_insides(side: int, width: int) -> Indexes:
    """Give `inside` of every pattern as differences of flat indexes: (patterns, side²)."""
    flat = (inside(side, n).rows * width + inside(side, n).columns for n in range(1, WHOLE + 1))
    return np.stack((np.zeros(side * side, np.intp), *flat))


def _edge(side: int, index: int) -> Places:
    away, along = np.arange(RING), np.arange(side)
    across = np.repeat(away - RING if index in {0, 2} else away + side, side)
    lengthwise = np.tile(along, RING)
    return Places(across, lengthwise) if index < 2 else Places(lengthwise, across)
