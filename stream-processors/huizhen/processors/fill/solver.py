"""Alternating projections, step by step: the reference that the closed forms of this package are the limit of.

A constraint set is given by its projection, a function that moves a picture to the nearest one in the set (or, for the
low-pass and the correlation model, to one in it along the set's own direction). Going round the sets again and again
leads to a picture in all of them, if there is one. Pictures are float64 of (rows, columns).
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill.correlation import NUGGET, Correlation
from huizhen.processors.fill.lifting import Plane, analyse, synthesise
from huizhen.processors.fill.samples import BadFillInput

Picture = NDArray[np.float64]
Projection = Callable[[Picture], Picture]

STEPS_MAX = 5_000  # rounds; a hole of 8 × 8 needs 450 to come within a thousandth of a grey level
PIXELS_MAX = 48 * 48  # of a picture under a correlation model: its matrix has the square of that
FREE_MEAN = 1e6  # variance of the mean, in units of a pixel's: any mean will do


def alternate(
    start: Picture, projections: Sequence[Projection], steps: int = STEPS_MAX, tolerance: float = 1e-6
) -> tuple[Picture, int]:
    """Apply the projections in turn until a round moves no pixel by more than `tolerance`; return picture and rounds.

    Every round starts a little further on the way of the last one (Nesterov's momentum), which saves most rounds where
    sets meet at a narrow angle; when a round turns back, the momentum is dropped. The result has been through all the
    projections, so it is in the last set.
    """
    picture = ahead = np.array(start, np.float64)
    pace = 1.0
    for step in range(1, steps + 1):
        reached = ahead
        for project in projections:
            reached = project(reached)
        moved = reached - picture
        if float(np.vdot(ahead - reached, moved)) > 0:
            pace = 1.0
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = reached + (pace - 1) / faster * moved
        picture, pace = reached, faster
        if float(np.abs(moved).max()) <= tolerance:
            return picture, step
    return picture, steps


def known_pixels(values: Picture, known: NDArray[np.bool_]) -> Projection:
    """The pictures that agree with the known pixels."""
    return lambda picture: np.where(known, values, picture)


def sample_range(low: float, high: float) -> Projection:
    """The pictures whose samples are in the range."""
    return lambda picture: np.clip(picture, low, high)


def near(values: Picture, radius: Picture | float) -> Projection:
    """The pictures that are nowhere further from `values` than `radius`: what the last exact frame says."""
    return lambda picture: np.clip(picture, values - radius, values + radius)


def low_pass(low: Plane, levels: int, place: tuple[slice, slice]) -> Projection:
    """The pictures whose tile at `place`, rounded, has exactly this 5/3 low-pass: its detail is kept."""

    def project(picture: Picture) -> Picture:
        moved = picture.copy()
        whole = np.rint(picture[place]).astype(np.int32)
        _, details = analyse(whole[None], levels)
        moved[place] = synthesise(low[None], details)[0]
        return moved

    return project


def correlated(model: Correlation, shape: tuple[int, int], nugget: float = NUGGET) -> Projection:
    """Pull towards the pictures that the model expects: the Wiener smoother K (K + s I)^-1, the mean left free.

    `shape`: that of the pictures, up to PIXELS_MAX pixels. The fixed point with `known_pixels` is the closed form of
    `bank` for this model alone.
    """
    if shape[0] * shape[1] > PIXELS_MAX:
        raise BadFillInput(f"a picture of {shape} for a correlation model: at most {PIXELS_MAX} pixels (PIXELS_MAX)")
    smoother = _smoother(model, shape, nugget)
    return lambda picture: (smoother @ picture.reshape(-1)).reshape(shape)


@lru_cache(maxsize=8)
def _smoother(model: Correlation, shape: tuple[int, int], nugget: float) -> Picture:
    rows, columns = np.divmod(np.arange(shape[0] * shape[1], dtype=np.float64), shape[1])
    matrix = model.between(np.subtract.outer(rows, rows), np.subtract.outer(columns, columns)) + FREE_MEAN
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * (values / (values + nugget))) @ vectors.T)
