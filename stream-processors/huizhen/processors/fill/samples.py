"""What one sample may hold, and the error of a caller who breaks that."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

Pixels = NDArray[np.generic]


class BadFillInput(ValueError):
    """The arguments of a fill contradict each other; the message names the thing, the limit and the way out."""


@dataclass(frozen=True, slots=True)
class SampleFormat:
    """Depth (8 to 16 bits), sign and channels (1 or 3) of a frame's samples."""

    bits: int
    signed: bool = False
    channels: int = 1

    def __post_init__(self) -> None:
        if not 8 <= self.bits <= 16:
            raise BadFillInput(f"samples of {self.bits} bits: 8 to 16 are handled")
        if self.channels not in (1, 3):
            raise BadFillInput(f"{self.channels} channels: 1 or 3 are handled")

    @property
    def low(self) -> int:
        """The smallest sample."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        """The largest sample."""
        return self.low + (1 << self.bits) - 1

    @property
    def dtype(self) -> DTypeLike:
        """The smallest integer type that holds a sample."""
        return np.min_scalar_type(self.low if self.signed else self.high)

    def clip(self, values: NDArray[np.int32]) -> tuple[Pixels, int]:
        """Clip whole numbers to the sample range; return them as `dtype` and how many had to be clipped."""
        low, high = self.low, self.high
        if values.size == 0 or (int(values.min()) >= low and int(values.max()) <= high):
            return values.astype(self.dtype), 0
        clipped = int(np.count_nonzero((values < low) | (values > high)))
        return np.clip(values, low, high).astype(self.dtype), clipped
