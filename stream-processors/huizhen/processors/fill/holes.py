"""Fill all missing pixels of a plane from the known ones, whatever the shape of the holes."""

from math import isnan

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill.blocks import fill_blocks
from huizhen.processors.fill.cover import cover
from huizhen.processors.fill.deep import double, fit_to_rim, halve, rim
from huizhen.processors.fill.iterative import relax_squares
from huizhen.processors.fill.plane import Mask, Plane, Squares
from huizhen.processors.fill.plate import lay_plate
from huizhen.processors.fill.tile import Box, Method, Provenance

SMALLEST = 16  # side below which a plane is not halved any more
AROUND = 64  # pixels around deep and ragged holes that are looked at with them
REPORTED = 32  # side of the squares that deep and ragged holes are reported as
DEEP_DOUBT = 1.5  # the error inside a deep hole, relative to the one half its size expects


def fill_holes(plane: Plane, relax: bool = False) -> list[Provenance]:
    """Fill every missing pixel in place; at least one pixel must be known.

    `relax`: fill squares by alternating projections instead of their closed form (`iterative`), without the previous
    frame. With a previous frame no hole is too deep for the bank: what is remembered does not fade with the distance.
    """
    covering = cover(~plane.known, allow_deep=plane.earlier is None)
    places = _fill_deep(plane, covering.deep) if covering.deep is not None else []
    for squares in covering.squares:
        if relax:
            relax_squares(plane, squares)
            places += _places(plane, squares, np.full(len(squares), plane.values.std()))
            continue
        filled = fill_blocks(plane, squares)
        places += _places(plane, squares, filled.errors, filled.recalled)
    if covering.ragged is not None:
        places += _fill_with_plate(plane, covering.ragged)
    if any(isnan(place.expected_error) for place in places):  # squares that touch nothing known
        places = [place for place in places if not isnan(place.expected_error)]
        places += _fill_with_plate(plane, ~plane.known)
    return places


def _places(
    plane: Plane, squares: Squares, errors: NDArray[np.floating], recalled: Mask | None = None
) -> list[Provenance]:
    rows, columns = plane.known.shape
    bottoms, rights = np.minimum(squares.tops + squares.side, rows), np.minimum(squares.lefts + squares.side, columns)
    corners = np.stack((squares.tops, squares.lefts, bottoms, rights), axis=1).tolist()
    if recalled is None or not recalled.any():
        pairs = zip(corners, errors.tolist(), strict=True)
        return [Provenance(Box(*corner), Method.SPATIAL, error) for corner, error in pairs]
    by = [(Method.TEMPORAL, plane.age) if recall else (Method.SPATIAL, None) for recall in recalled.tolist()]
    return [
        Provenance(Box(*corner), method, error, 0, age)
        for corner, error, (method, age) in zip(corners, errors.tolist(), by, strict=True)
    ]


def _window(hole: Mask) -> tuple[slice, slice]:
    """Give the smallest part of the frame that holds a hole and AROUND pixels about it."""
    rows, columns = np.flatnonzero(hole.any(axis=1)), np.flatnonzero(hole.any(axis=0))
    top, left = (max(int(axis[0]) - AROUND, 0) for axis in (rows, columns))
    return slice(top, int(rows[-1]) + 1 + AROUND), slice(left, int(columns[-1]) + 1 + AROUND)


def _reported(plane: Plane, hole: Mask, error: float) -> list[Provenance]:
    down, right = (-side % REPORTED for side in hole.shape)
    full = np.pad(hole, ((0, down), (0, right)))
    squares = full.reshape(full.shape[0] // REPORTED, REPORTED, -1, REPORTED).any(axis=(1, 3))
    tops, lefts = np.nonzero(squares)
    return _places(plane, Squares(REPORTED, tops * REPORTED, lefts * REPORTED), np.full(len(tops), error))


def _put(plane: Plane, window: tuple[slice, slice], hole: Mask, filled: NDArray[np.float32]) -> None:
    plane.values[window][hole] = plane.writable(filled[hole])
    plane.known[window][hole] = True


def _fill_deep(plane: Plane, hole: Mask) -> list[Provenance]:
    """Fill deep holes from the half-size picture of what is around them; leave them if that shows nothing either."""
    window = _window(hole)
    values, known = plane.values[window].astype(np.float32), plane.known[window]
    half, half_known = halve(values, known)
    if min(values.shape) < SMALLEST or not half_known.any():
        return _reported(plane, hole, float("nan"))
    inner = fill_holes(Plane(half, half_known, plane.scale))
    _put(plane, window, hole[window], fit_to_rim(double(half, values.shape), values, known, hole[window]))
    return _reported(plane, hole, DEEP_DOUBT * max(place.expected_error for place in inner))


def _fill_with_plate(plane: Plane, hole: Mask) -> list[Provenance]:
    """Fill holes of any shape; where nothing near is known the whole frame is looked at."""
    window = _window(hole)
    if not plane.known[window].any():
        window = (slice(None), slice(None))
    values, known = plane.values[window].astype(np.float32), plane.known[window]
    seen = values[known]
    low, high, square = seen.min(), seen.max(), float(seen.var()) / 4
    filled = lay_plate(values, known)
    if plane.earlier:
        before = plane.earlier.frame[window].astype(np.float32)
        change = np.where(known, values - before, np.float32(0))
        changed = float(np.square(change[rim(hole[window], known)]).mean())
        share = square / max(square + changed, 1e-6)
        filled += np.float32(share) * (before + lay_plate(change, known) - filled)
        square = square * changed / max(square + changed, 1e-6)
        low, high = min(low, before.min()), max(high, before.max())
    _put(plane, window, hole[window], np.clip(filled, low, high))
    return _reported(plane, hole, float(np.sqrt(square)))
