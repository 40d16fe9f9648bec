"""Square holes of one size in a plane, filled in the order in which they are best surrounded."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill import bank
from huizhen.processors.fill.guard import ROUNDING, Guard, doubt, try_bank
from huizhen.processors.fill.plane import Mask, Plane, Squares
from huizhen.processors.fill.recall import Earlier, recall
from huizhen.processors.fill.ring import EDGES, RING, WHOLE, flat_inside, flat_ring, form_of, ring

Field = NDArray[np.float32]
Indexes = NDArray[np.intp]

ENOUGH = 3  # known edges with which a square need not wait for its neighbours to be filled
ALIKE = 1.7  # square error of a mix over that of two estimates whose errors have nothing in common
HEAD_ROOM = 8.0  # grey levels of 255 that a fill may leave the range of its evidence by


class Filled(NamedTuple):
    """Per square the root mean square error expected, in grey levels, and whether most of it is remembered."""

    errors: Field
    recalled: Mask


def fill_blocks(plane: Plane, squares: Squares) -> Filled:
    """Fill squares of one size in place.

    Squares may overlap known pixels, which are kept. Squares that touch nothing known stay unfilled and have an
    expected error of nan.
    """
    guard = try_bank(plane, squares)
    filled = Filled(np.full(len(squares), np.nan, np.float32), np.zeros(len(squares), np.bool_))
    left = np.arange(len(squares))
    while left.size:
        patterns = known_edges(plane.known, squares.at(left))
        counts = _BITS[patterns]
        enough = min(int(counts.max()), ENOUGH)
        if enough == 0:
            break
        forms = _FORMS[patterns] * (counts >= enough)
        for form in np.unique(forms[forms > 0]):
            alike = forms == form
            at = left[alike]
            filled.errors[at], filled.recalled[at] = _fill_alike(plane, squares.at(at), patterns[alike], guard)
        left = left[counts < enough]
    return filled


def _fill_alike(plane: Plane, squares: Squares, patterns: Indexes, guard: Guard) -> Filled:
    """Fill squares whose patterns are of one form."""
    form, width = int(_FORMS[patterns[0]]), plane.values.shape[1]
    operators, first = bank.operators_for(squares.side, form), squares.first(width)
    rings = plane.read(first + flat_ring(squares.side, form, width)[patterns])
    fit = bank.fit(operators, rings)
    coefficients = fit.mixed
    if guard.bank != 1 or guard.isotropic:
        mixed = np.float32(guard.bank) * fit.mixed + np.float32(guard.isotropic) * fit.isotropic
        coefficients = np.asarray(mixed, np.float32)
    values = np.asarray(coefficients @ operators.basis + fit.mean[:, None], np.float32)
    errors = fit.variance * np.float32(guard.error_scale) + ROUNDING
    low, high = rings.min(axis=1), rings.max(axis=1)
    recalled = np.zeros(len(squares), np.bool_)
    if plane.earlier:
        before, change = _recall(plane.earlier, squares, patterns, form, rings)
        remembered = before + np.float32(guard.change) * bank.fill_isotropic(operators, change)
        doubts = doubt(change) * np.float32(guard.recall) + ROUNDING
        share = errors / (errors + doubts)
        values += share[:, None] * (remembered - values)
        errors, recalled = share * doubts * np.float32(ALIKE), share > 0.5
        low, high = np.minimum(low, before.min(axis=1)), np.maximum(high, before.max(axis=1))
    room = np.float32(HEAD_ROOM)
    np.maximum(values, (low - room)[:, None], out=values)
    np.minimum(values, (high + room)[:, None], out=values)
    plane.write(first + flat_inside(squares.side, form, width)[patterns], values)
    return Filled(np.sqrt(errors) * np.float32(plane.scale), recalled)


def _recall(earlier: Earlier, squares: Squares, patterns: Indexes, form: int, rings: Field) -> tuple[Field, Field]:
    width = earlier.values.shape[1]
    first = squares.first(width) + earlier.origin
    ring_at, hole_at = (table(squares.side, form, width)[patterns] for table in (flat_ring, flat_inside))
    return recall(earlier, first + ring_at, first + hole_at, rings)


def known_edges(known: Mask, squares: Squares) -> Indexes:
    """Give the pattern of wholly known edges of each square."""
    framed = cv2.copyMakeBorder(known.view(np.uint8), RING, RING, RING, RING, cv2.BORDER_CONSTANT, value=0)
    width = framed.shape[1]
    rows, columns = ring(squares.side, WHOLE)
    at = ((squares.tops + RING) * width + squares.lefts + RING)[:, None] + (rows * width + columns)
    seen = np.take(framed.reshape(-1), at).reshape(len(squares), EDGES, -1)
    return np.asarray(seen.all(axis=2) @ _EDGE_BITS, np.intp)


_FORMS = np.array([0, *(form_of(pattern)[0] for pattern in range(1, WHOLE + 1))])
_EDGE_BITS = 1 << np.arange(EDGES)
_BITS = np.array([bin(pattern).count("1") for pattern in range(1 << EDGES)])
