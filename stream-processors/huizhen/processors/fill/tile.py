"""What is lost of a tile, what is known instead, and what was put there."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill.lifting import band_shape
from huizhen.processors.fill.samples import BadFillInput, Pixels

DISCARD_MAX = 5  # levels of the wire's codestreams


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a frame, in pixels: `bottom` and `right` are one past the last."""

    top: int
    left: int
    bottom: int
    right: int

    def __post_init__(self) -> None:
        if not (0 <= self.top < self.bottom and 0 <= self.left < self.right):
            raise BadFillInput(f"{self} is empty or outside the frame")

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of the rectangle in a frame."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


@dataclass(frozen=True, slots=True)
class LostDetail:
    """A tile known only at 1/2**discard size.

    `low`: (rows, columns[, 3]) of whole numbers, the tile decoded at reduced resolution without clipping
    (`huizhen.schemas.htj2k.decode_low`); values may leave the sample range.
    """

    box: Box
    low: NDArray[np.int32]
    discard: int

    def __post_init__(self) -> None:
        if not 1 <= self.discard <= DISCARD_MAX:
            raise BadFillInput(f"discard {self.discard}: 1 to {DISCARD_MAX} levels may be missing")
        expected = band_shape(*self.box.shape, self.discard)
        if self.low.shape[:2] != expected or self.low.ndim not in (2, 3):
            raise BadFillInput(f"low-pass of {self.low.shape}: {self.box} at 1/{1 << self.discard} size has {expected}")
        if not np.issubdtype(self.low.dtype, np.integer):
            raise BadFillInput(f"low-pass of {self.low.dtype}: it must be whole numbers")


@dataclass(frozen=True, slots=True)
class Previous:
    """The last exact frame: pixels of the same shape and format as the present one, and how many frames old it is."""

    frame: Pixels
    age: int = 1

    def __post_init__(self) -> None:
        if self.age < 1:
            raise BadFillInput(f"a previous frame {self.age} frames old: the age is at least 1")


class Method(StrEnum):
    """Where the filled samples of a tile come from, best evidence first."""

    TEMPORAL = "temporal"
    BASE = "base"
    SPATIAL = "spatial"
    ITERATIVE = "iterative"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Provenance:
    """How one tile was filled.

    `expected_error`: root mean square over the filled samples, in grey levels of the frame.
    `clipped`: samples cut to the sample range, where the received low-pass no longer holds exactly.
    `age`: frames between this one and the frame the detail was taken from; None without temporal evidence.
    """

    box: Box
    method: Method
    expected_error: float
    clipped: int = 0
    age: int | None = None


@dataclass(frozen=True, slots=True)
class FilledTile:
    """The pixels of one tile, (rows, columns[, 3]), and where they come from."""

    pixels: Pixels
    provenance: Provenance
