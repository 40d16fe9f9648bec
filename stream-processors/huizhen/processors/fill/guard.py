"""The guard: the bank is tried where the truth is known, on squares near the holes, before anything is filled.

What comes out is how much of the bank's fill, of the isotropic model's and of the plain ring mean to take, so that a
picture the bank does not suit (text, dithering) is not made worse; and how far the expected errors are off.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill import bank
from huizhen.processors.fill.plane import Plane, Squares
from huizhen.processors.fill.recall import Earlier, recall
from huizhen.processors.fill.ring import RING, WHOLE, Places, ring

Field = NDArray[np.float32]
Indexes = NDArray[np.intp]

TRIALS_MAX = 24  # squares the bank is tried on; with 64 the mean gains 0.03 dB
TRIALS_MIN = 4  # fewer tell nothing: then the bank alone is taken
SAMPLE = 2  # every second pixel of a square each way is enough to tell
PRIOR = 0.02  # ridge towards the bank alone, of the energy of what could be taken instead
ROUNDING = np.float32(0.1)  # least square error of any estimate, in grey levels of 255 squared
TYPICAL = 0.7  # weight of the typical trial in the errors expected; 90 % of them are within a factor of 2
RECALL_DOUBT = 2.0  # a hole changed more than its ring, for lack of trials


@dataclass(frozen=True, slots=True)
class Guard:
    """Shares of the bank's and of the isotropic fill (the rest is the mean), and true over expected square error.

    `recall`: the same for what is remembered of the previous frame; `change`: share of the ring's change that the hole
    takes part in.
    """

    bank: float = 1.0
    isotropic: float = 0.0
    error_scale: float = 1.0
    recall: float = RECALL_DOUBT
    change: float = 1.0


def try_bank(plane: Plane, squares: Squares) -> Guard:
    """Try the bank on known squares near the given ones and weigh it by what it is worth there."""
    around, within = ring(squares.side, WHOLE), _sample(squares.side)
    trials = _trials(plane, squares)
    if len(trials) < TRIALS_MIN:
        return Guard()
    operators = bank.operators_for(squares.side, WHOLE)
    rings, pixels = plane.gather(trials, around), plane.gather(trials, within)
    fit = bank.fit(operators, rings)
    truth = (pixels - fit.mean[:, None]).reshape(-1)
    basis = operators.basis[:, within.rows * squares.side + within.columns]
    by_bank, by_isotropic = ((part @ basis).reshape(-1) for part in (fit.mixed, fit.isotropic))
    bank_share, isotropic_share = _shares(by_bank, by_isotropic, np.subtract(truth, by_bank))
    error = truth - bank_share * by_bank - isotropic_share * by_isotropic
    scale = _scale(np.square(error).reshape(len(trials), -1).mean(axis=1), fit.variance)
    if not plane.earlier:
        return Guard(bank_share, isotropic_share, scale)
    return Guard(bank_share, isotropic_share, scale, *_try_recall(plane.earlier, operators, trials, rings, pixels))


def _scale(true: Field, expected: Field) -> float:
    """Say how far expected square errors are off: between the ratio of the means and that of the typical trial.

    The first is ruled by the few trials with the largest errors, the second by the many with small ones.
    """
    of_means = float(true.mean()) / max(float(expected.mean()), 1e-3)
    typical = float(np.exp(np.log((true + ROUNDING) / (expected + ROUNDING)).mean()))
    return float(of_means ** (1 - TYPICAL) * typical**TYPICAL)


def doubt(change: Field) -> Field:
    """Mean square change at m rings: what a remembered hole may be off by."""
    return np.asarray(np.einsum("mn,mn->m", change, change) / np.float32(change.shape[1]) + ROUNDING)


def _try_recall(
    earlier: Earlier, operators: bank.Operators, trials: Squares, rings: Field, pixels: Field
) -> tuple[float, float]:
    """Try what is remembered on known squares: true over expected square error, and the share of change to take."""
    within = _sample(operators.side)
    ring_at, hole_at = (earlier.places(trials.tops, trials.lefts, p) for p in (ring(operators.side, WHOLE), within))
    before, change = recall(earlier, ring_at, hole_at, rings)
    spread = bank.fill_isotropic(operators, change)[:, within.rows * operators.side + within.columns]
    wrong = pixels - before
    share = float(np.clip(np.vdot(wrong, spread) / max(float(np.vdot(spread, spread)), 1e-6), 0, 1))
    wrong -= np.float32(share) * spread
    return float(np.vdot(wrong, wrong)) / wrong.size / float(doubt(change).mean()), share


def _shares(by_bank: Field, by_isotropic: Field, wrong: Field) -> tuple[float, float]:
    """Take from the bank towards the isotropic fill and the mean what lessens the error, within a convex mix."""
    ways = np.stack((by_isotropic - by_bank, -by_bank))
    gram = ways @ ways.T
    gram[np.diag_indices(2)] += PRIOR * np.trace(gram) / 2 + 1e-6
    taken = np.clip(np.linalg.solve(gram, ways @ wrong), 0, 1)
    taken /= max(1.0, float(taken.sum()))
    return float(1 - taken.sum()), float(taken[0])


def _trials(plane: Plane, squares: Squares) -> Squares:
    """Find known squares with known rings beside the given ones, evenly chosen and in a fixed order."""
    rows, columns = plane.known.shape
    side = squares.side
    moves = np.array([(-1, 0), (1, 0), (0, -1), (0, 1)]) * (side + 2 * RING)
    top, left = ((axis[:, None] + moves[:, n]).reshape(-1) for n, axis in enumerate((squares.tops, squares.lefts)))
    fits = (top >= RING) & (left >= RING) & (top + side + RING <= rows) & (left + side + RING <= columns)
    where = np.unique(top[fits] * columns + left[fits])
    near = Squares(side, *np.divmod(where[_evenly(len(where), 2 * TRIALS_MAX)], columns))
    whole = plane.are_known(near, ring(side, WHOLE)) & plane.are_known(near, _sample(side))
    chosen = np.flatnonzero(whole)
    return near.at(chosen[_evenly(len(chosen), TRIALS_MAX)])


def _evenly(count: int, most: int) -> Indexes:
    return np.arange(count) if count <= most else np.arange(most) * count // most


@cache
def _sample(side: int) -> Places:
    """Give every SAMPLE-th pixel of a hole each way: enough to try the bank on."""
    rows, columns = (axis.reshape(-1) for axis in np.mgrid[SAMPLE // 2 : side : SAMPLE, SAMPLE // 2 : side : SAMPLE])
    return Places(rows, columns)
