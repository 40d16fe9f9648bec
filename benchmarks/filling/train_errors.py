"""Fit what the stated error of a hole goes by, on the tuning frames only: `python -m benchmarks.filling.train_errors`.

The slopes are those of the logarithm of the error within a frame, since its level is the frame's own: regressed over
the trials of the guard, which are known squares beside holes. Paste what is printed into `expected.py`.
"""

import numpy as np
from benchmarks.filling.frames import TUNING
from benchmarks.filling.hole_rows import Picture
from benchmarks.filling.masks import holes
from numpy.typing import NDArray

from huizhen.processors.fill import bank, guard
from huizhen.processors.fill.bank import SIDES
from huizhen.processors.fill.expected import ROUNDING, SLOPES, seen_of
from huizhen.processors.fill.plane import Plane, Squares
from huizhen.processors.fill.ring import WHOLE, inside, ring
from huizhen.processors.fill.wave import Wave

MASKS = 6
RIDGE = 0.01
Matrix = NDArray[np.float64]


def trials(picture: Picture, side: int, seed: int) -> tuple[Matrix, Matrix] | None:
    """What is seen of the trials of one mask (m, slopes), and the logarithm of their square errors (m,)."""
    lost = holes(picture.truth, side, 0.05, seed)
    plane = Plane(picture.truth, ~lost, picture.scale)
    tops, lefts = np.nonzero(lost[::side, ::side])
    found = guard.find_trials(plane, Squares(side, tops * side, lefts * side))
    if len(found) < guard.TRIALS_MIN:
        return None
    rings, pixels = plane.gather(found, ring(side, WHOLE)), plane.gather(found, inside(side))
    fit = bank.fit(bank.operators_for(side, WHOLE), rings)
    wave = Wave.of(side, np.full(len(found), WHOLE), rings)
    shares = guard.weigh(plane, found, wave)
    wrong = wave.values(shares.bank, shares.nearest) - pixels
    seen = seen_of(side, rings, fit.mean, fit.mixed, fit.variance)
    return seen.T.astype(np.float64), np.log(np.square(wrong).mean(axis=1) + ROUNDING).astype(np.float64)


def main() -> None:
    """Print the slopes and the level where nothing can be tried."""
    frames = [Picture.of(make()) for make in TUNING.values()]
    asked = [(picture, side, seed) for picture in frames for side in SIDES for seed in range(MASKS)]
    tried = [found for one in asked if (found := trials(*one))]
    weights = [1 / np.sqrt(len(errors)) for _, errors in tried]  # each mask alike
    seen = np.concatenate([(one - one.mean(axis=0)) * w for (one, _), w in zip(tried, weights, strict=True)])
    errors = np.concatenate([(one - one.mean()) * w for (_, one), w in zip(tried, weights, strict=True)])
    gram = seen.T @ seen
    gram[np.diag_indices(len(SLOPES))] += RIDGE * np.trace(gram) / len(SLOPES)
    slopes = np.linalg.solve(gram, seen.T @ errors)
    level = float(np.median([float((errors - one @ slopes).mean()) for one, errors in tried]))
    print("SLOPES", slopes.round(2).tolist(), "LEVEL", round(level, 1))


if __name__ == "__main__":
    main()
