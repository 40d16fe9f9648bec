"""The guard: the bank is tried where the truth is known, on squares near the holes, before anything is filled.

What comes out is how much of the bank's fill, of the ring's nearest pixels and of the plain ring mean to take, so that
a picture the bank does not suit (text, dithering) is not made worse; and the level of the errors to expect.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill import bank
from huizhen.processors.fill.expected import LEVEL, ROUNDING, level
from huizhen.processors.fill.plane import Plane, Squares
from huizhen.processors.fill.recall import Earlier, recall
from huizhen.processors.fill.ring import FLAT_KEPT, RING, WHOLE, Places, ring
from huizhen.processors.fill.wave import Wave

Field = NDArray[np.float32]
Indexes = NDArray[np.intp]

TRIALS_MAX = {8: 48, 16: 32, 32: 32}  # squares the bank is tried on; with 64 the mean gains 0.02 dB
TRIALS_MIN = 4  # fewer tell nothing: then the bank alone is taken
SAMPLE = 2  # every second pixel of a square each way is enough to tell
PRIOR = 0.02  # ridge towards the bank alone, of the energy of what could be taken instead
RECALL_DOUBT = 2.0  # a hole changed more than its ring, for lack of trials


@dataclass(frozen=True, slots=True)
class Guard:
    """Shares of the bank's fill and of the ring's nearest pixels (the rest is the mean), and the level of the errors.

    `recall`: true over expected square error of what is remembered of the previous frame; `change`: share of the ring's
    change that the hole takes part in.
    """

    bank: float = 1.0
    nearest: float = 0.0
    level: float = LEVEL
    recall: float = RECALL_DOUBT
    change: float = 1.0


def weigh(plane: Plane, trials: Squares, wave: Wave) -> Guard:
    """Weigh the bank by what it is worth on `trials`, known squares whose rings `wave` has."""
    if len(trials) < TRIALS_MIN:
        return Guard()
    pixels = plane.gather(trials, _sample(trials.side))
    by_basis, by_ring = _sampled(trials.side)
    apart = np.empty((len(trials), 3, pixels.shape[1]), np.float32)  # truth, nearest pixels and mean, less the bank
    filled = wave.mixed @ by_basis
    filled += wave.mean[:, None]
    np.subtract(pixels, filled, out=apart[:, 0])
    np.subtract(wave.rings @ by_ring, filled, out=apart[:, 1])
    np.subtract(wave.mean[:, None], filled, out=apart[:, 2])
    products = (apart @ apart.transpose(0, 2, 1)).reshape(-1, 9) * np.float32(1 / pixels.shape[1])
    nearest, mean = _shares(products)
    mix = np.array((1.0, -nearest, -mean), np.float32)
    height = level(wave.predicted, np.asarray(products @ np.outer(mix, mix).reshape(-1), np.float32))
    if not plane.earlier:
        return Guard(1 - nearest - mean, nearest, height)
    return Guard(1 - nearest - mean, nearest, height, *_try_recall(plane.earlier, trials, wave.rings, pixels))


def doubt(change: Field) -> Field:
    """Mean square change at m rings: what a remembered hole may be off by."""
    return np.asarray(np.einsum("mn,mn->m", change, change) / np.float32(change.shape[1]) + ROUNDING)


def _try_recall(earlier: Earlier, trials: Squares, rings: Field, pixels: Field) -> tuple[float, float]:
    """Try what is remembered on known squares: true over expected square error, and the share of change to take."""
    operators, within = bank.operators_for(trials.side, WHOLE), _sample(trials.side)
    ring_at, hole_at = (earlier.places(trials.tops, trials.lefts, p) for p in (ring(operators.side, WHOLE), within))
    before, change = recall(earlier, ring_at, hole_at, rings)
    spread = bank.fill_isotropic(operators, change)[:, within.rows * operators.side + within.columns]
    wrong = pixels - before
    share = float(np.clip(np.vdot(wrong, spread) / max(float(np.vdot(spread, spread)), 1e-6), 0, 1))
    wrong -= np.float32(share) * spread
    return float(np.vdot(wrong, wrong)) / wrong.size / float(doubt(change).mean()), share


def _shares(products: Field) -> tuple[float, float]:
    """Take from the bank towards the nearest pixels and the mean what lessens the error, within a convex mix.

    `products` (m, 9): per trial those of truth, nearest pixels and mean with each other, each less the bank. Trials
    count by the inverse root of their energy, so that no single one decides.
    """
    energy = products[:, 0] + products[:, 4] + products[:, 8]
    weight = 1 / np.sqrt(energy + np.partition(energy, len(energy) // 2)[len(energy) // 2] + 1)
    _, to_nearest, to_mean, _, nearest, both, _, _, mean = (weight @ products).tolist()
    ridge = PRIOR * (nearest + mean) / 2 + 1e-9
    nearest, mean = nearest + ridge, mean + ridge
    volume = nearest * mean - both * both
    free = ((to_nearest * mean - to_mean * both) / volume, (to_mean * nearest - to_nearest * both) / volume)
    if min(free) >= 0 and sum(free) <= 1:
        return free
    corners = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0))
    best = (0.0, (0.0, 0.0))
    for (a, b), (c, d) in pairwise(corners):  # the least error on the edges of the triangle of convex mixes
        right, down = c - a, d - b
        slope = right * (to_nearest - nearest * a - both * b) + down * (to_mean - both * a - mean * b)
        step = min(max(slope / (nearest * right**2 + 2 * both * right * down + mean * down**2), 0.0), 1.0)
        x, y = a + step * right, b + step * down
        error = nearest * x * x + 2 * both * x * y + mean * y * y - 2 * (to_nearest * x + to_mean * y)
        best = min(best, (error, (x, y)))
    return best[1]


def find_trials(plane: Plane, squares: Squares) -> Squares:
    """Find known squares with known rings beside the given ones, evenly chosen and in a fixed order."""
    rows, columns = plane.known.shape
    side, apart, most = squares.side, squares.side + 2 * RING, TRIALS_MAX[squares.side]
    tops = np.concatenate((squares.tops - apart, squares.tops + apart, squares.tops, squares.tops))
    lefts = np.concatenate((squares.lefts, squares.lefts, squares.lefts - apart, squares.lefts + apart))
    fits = (np.minimum(tops, lefts) >= RING) & (tops <= rows - side - RING) & (lefts <= columns - side - RING)
    where = np.unique((tops * columns + lefts)[fits])
    where = where[_evenly(len(where), 2 * most)]
    seen = plane.known.reshape(-1).take(where[:, None] + _looked_at(side, columns))
    whole = np.bitwise_and.reduce(seen.view(np.uint64), axis=1) == _KNOWN
    where = where[whole]
    return Squares(side, *np.divmod(where[_evenly(len(where), most)], columns))


def _evenly(count: int, most: int) -> Indexes:
    return np.arange(count) if count <= most else np.arange(most) * count // most


@cache
def _sample(side: int) -> Places:
    """Give every SAMPLE-th pixel of a hole each way: enough to try the bank on."""
    rows, columns = (axis.reshape(-1) for axis in np.mgrid[SAMPLE // 2 : side : SAMPLE, SAMPLE // 2 : side : SAMPLE])
    return Places(rows, columns)


@lru_cache(maxsize=FLAT_KEPT)
def _looked_at(side: int, width: int) -> Indexes:
    """Give the flat indexes of the pixels of a trial, whole words of them, in a picture of `width` columns."""
    around, within = ring(side, WHOLE), _sample(side)
    return np.concatenate((around.rows * width + around.columns, within.rows * width + within.columns))


@cache
def _sampled(side: int) -> tuple[Field, Field]:
    """Give what fills the sampled pixels of a hole: from coefficients of the basis, and from its ring's pixels."""
    operators, (rows, columns) = bank.operators_for(side, WHOLE), _sample(side)
    at = rows * side + columns
    return np.ascontiguousarray(operators.basis[:, at]), np.ascontiguousarray(operators.nearest[:, at])


_KNOWN = np.frombuffer(b"\x01" * 8, np.uint64)[0]  # eight known pixels
