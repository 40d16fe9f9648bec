"""How pixels are correlated: the models a hole is filled from.

Each model says how the correlation of two pixels falls with their distance, the same everywhere (isotropic) or slower
along one direction than across it (an edge). Distances are in pixels.
"""

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

NUGGET = 0.002  # part of a pixel's variance that no neighbour shares: noise; it also keeps the systems well conditioned
DIRECTIONS = 8
STRETCH = 2.0  # how much slower along an edge; distances across it grow alike


@dataclass(frozen=True, slots=True)
class Correlation:
    """exp(-r), or with `smooth` (1 + sqrt(3) r) exp(-sqrt(3) r), for r = distance / length."""

    length: float
    smooth: bool = False
    stretch: float = 1.0
    angle: float = 0.0

    def between(self, down: Matrix, right: Matrix) -> Matrix:
        """Give the correlation of pixels that far apart, any shape."""
        along = right * np.cos(self.angle) + down * np.sin(self.angle)
        across = down * np.cos(self.angle) - right * np.sin(self.angle)
        distance = np.hypot(along / self.stretch, across * self.stretch) / self.length
        if not self.smooth:
            return np.asarray(np.exp(-distance))
        return np.asarray((1 + sqrt(3) * distance) * np.exp(-sqrt(3) * distance))


ISOTROPIC = Correlation(20.0)


def bank() -> list[Correlation]:
    """Give the 18 models: a rough and a smooth kind, each isotropic and in 8 directions. ISOTROPIC comes first."""
    models: list[Correlation] = []
    for length, smooth in ((20.0, False), (10.0, True)):
        models.append(Correlation(length, smooth))
        models += [Correlation(length, smooth, STRETCH, pi * turn / DIRECTIONS) for turn in range(DIRECTIONS)]
    return models
