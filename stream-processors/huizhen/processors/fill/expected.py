"""The error to expect of a filled hole, told by its ring and by the errors made on known squares.

Errors spread over orders of magnitude, so their logarithm is predicted: from what the models expect, how much the ring
varies, how much the fill itself does, and how rough the ring is along its edges. How much each of these counts is
fitted on the tuning frames (`python -m benchmarks.filling.train_errors`); the level is the frame's own, by the trials.
"""

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

ROUNDING = np.float32(0.1)  # least square error of any estimate, in grey levels of 255 squared
SLOPES = np.array((0.70, -0.19, 0.20, 0.30), np.float32)
LEVEL = 0.1  # where there are no trials
LEVEL_MAX = 6.0  # either way: trials that are wholly right or wholly wrong are not all there is to a frame


def seen_of(side: int, rings: Field, mean: Field, mixed: Field, variance: Field) -> Field:
    """Give what is seen of m holes before they are filled, as logarithms: (SLOPES, m).

    `rings` (m, n); `mean` (m,), `mixed` (m, r), `variance` (m,): as of `bank.Fit`.
    """
    edges = rings.reshape(len(rings), rings.shape[1] // side, side)
    bend = edges[:, :, 2:] + edges[:, :, :-2]
    bend -= 2 * edges[:, :, 1:-1]
    rough = bend.reshape(len(rings), bend.shape[1] * bend.shape[2])
    spread = rings - mean[:, None]
    seen = np.empty((len(SLOPES), len(rings)), np.float32)
    seen[0] = variance
    for row, values, count in ((1, spread, spread.shape[1]), (2, mixed, side**2), (3, rough, rough.shape[1])):
        np.einsum("mn,mn->m", values, values, out=seen[row])
        seen[row] *= 1 / count
    seen += ROUNDING
    return np.log(seen, out=seen)


def level(predicted: Field, true: Field) -> float:
    """Give the level of a frame's errors from the mean square errors of trials; `predicted`: as of `Wave`."""
    found = float((np.log(true + ROUNDING) - predicted).mean())
    return min(max(found, -LEVEL_MAX), LEVEL_MAX)


def square_errors(predicted: Field, height: float) -> Field:
    """Give the mean square errors to expect, for a level."""
    return np.asarray(np.exp(predicted + np.float32(height)), np.float32)
