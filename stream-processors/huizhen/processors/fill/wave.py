"""Squares of one size that do not wait for each other, and what the bank makes of their rings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill import bank
from huizhen.processors.fill.expected import SLOPES, seen_of
from huizhen.processors.fill.ring import WHOLE, form_of

Field = NDArray[np.float32]
Indexes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Wave:
    """m squares of `side` pixels: the patterns of their known edges (m,), their rings (m, n) in grey levels of 255, of
    which those of fewer edges are repeated, and what `bank.Fit` says of them: `mean` (m,) and `mixed` (m, r).

    `predicted` (m,): the logarithm of the mean square error to expect, but for its level.
    """

    side: int
    patterns: Indexes
    rings: Field
    mean: Field
    mixed: Field
    predicted: Field

    @classmethod
    def of(cls, side: int, patterns: Indexes, rings: Field) -> "Wave":
        """Fit rings."""
        count = len(rings)
        mean, variance = np.empty((2, count), np.float32)
        mixed = np.empty((count, bank.BASIS[side]), np.float32)
        for form, alike in forms(patterns):
            operators = bank.operators_for(side, form)
            fit = bank.fit(operators, rings[alike, : operators.pixels])
            mean[alike], mixed[alike], variance[alike] = fit.mean, fit.mixed, fit.variance
        predicted = np.asarray(SLOPES @ seen_of(side, rings, mean, mixed, variance), np.float32)
        return cls(side, patterns, rings, mean, mixed, predicted)

    def __len__(self) -> int:
        return len(self.patterns)

    def part(self, some: slice) -> "Wave":
        """Choose some."""
        fields = self.rings[some], self.mean[some], self.mixed[some], self.predicted[some]
        return Wave(self.side, self.patterns[some], *fields)

    def values(self, by_bank: float, by_nearest: float) -> Field:
        """Fill: shares of the bank's fill and of the ring's nearest pixels, the rest of its mean: (m, side²)."""
        values = np.empty((len(self), self.side**2), np.float32)
        rest = np.float32(1 - by_nearest) * self.mean
        for form, alike in forms(self.patterns):
            operators = bank.operators_for(self.side, form)
            fill = (np.float32(by_bank) * self.mixed[alike]) @ operators.basis
            if by_nearest:
                fill += (np.float32(by_nearest) * self.rings[alike, : operators.pixels]) @ operators.nearest
            fill += rest[alike, None]
            values[alike] = fill
        return values


def forms(patterns: Indexes) -> list[tuple[int, Indexes]]:
    """Give the forms among some patterns, and which are of each."""
    found = _FORMS[patterns]
    return [(form, np.flatnonzero(found == form)) for form in sorted(set(found.tolist()))]


_FORMS = np.array([0, *(form_of(pattern)[0] for pattern in range(1, WHOLE + 1))])
