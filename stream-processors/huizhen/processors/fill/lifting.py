"""The reversible 5/3 wavelet and colour transform of JPEG 2000, in whole numbers (ITU-T T.800 Annexes F and G).

Arrays are planar: (..., rows, columns) of int32, one plane per component. Each call works on whole tiles whose origin
is even, as tiles of a power-of-two size always are, so the first sample of a row belongs to the low-pass. The border is
extended by whole-sample symmetry; a side of one sample passes unchanged.

Both transforms are exact: `analyse` then `synthesise` gives the input, and for *any* detail bands the low-pass of what
`synthesise` gives is the low-pass that went in. The second sentence is what filling stands on: every choice of detail
is a picture that agrees with the received low-pass.
"""

from types import EllipsisType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.int32]


class Detail(NamedTuple):
    """The three detail bands of one level; high-pass along the columns' axis (hl), the rows' axis (lh), both (hh)."""

    hl: Plane
    lh: Plane
    hh: Plane


def to_planes(pixels: NDArray[np.generic]) -> Plane:
    """Split (rows, columns) into 1 plane, or apply the reversible colour transform to (rows, columns, 3): 3 planes."""
    wide = pixels.astype(np.int32)
    if wide.ndim == 2:
        return wide[None]
    red, green, blue = wide[..., 0], wide[..., 1], wide[..., 2]
    return np.stack([(red + 2 * green + blue) >> 2, blue - green, red - green])


def from_planes(planes: Plane) -> NDArray[np.int32]:
    """Invert `to_planes`: (rows, columns) from 1 plane, (rows, columns, 3) from 3."""
    if planes.shape[0] == 1:
        only: NDArray[np.int32] = planes[0]
        return only
    luma, blue, red = planes
    pixels = np.empty((*luma.shape, 3), np.int32)
    green = pixels[..., 1]
    np.subtract(luma, (blue + red) >> 2, out=green)
    np.add(red, green, out=pixels[..., 0])
    np.add(blue, green, out=pixels[..., 2])
    return pixels


def band_shape(rows: int, columns: int, level: int) -> tuple[int, int]:
    """Give the shape of the low-pass of a tile of `rows` × `columns` after `level` halvings."""
    return -(-rows >> level), -(-columns >> level)


def analyse(plane: Plane, levels: int) -> tuple[Plane, list[Detail]]:
    """Transform forward; return the low-pass and the detail of each level, finest first."""
    details: list[Detail] = []
    for _ in range(levels):
        low, high = _split(plane, -2)
        plane, hl = _split(low, -1)
        lh, hh = _split(high, -1)
        details.append(Detail(hl, lh, hh))
    return plane, details


def synthesise(low: Plane, details: list[Detail]) -> Plane:
    """Transform back from a low-pass and the detail of each level, finest first."""
    for hl, lh, hh in reversed(details):
        low = _merge(_merge(low, hl, -1), _merge(lh, hh, -1), -2)
    return low


def zero_detail(low: Plane, rows: int, columns: int, levels: int) -> Plane:
    """Synthesise a tile of `rows` × `columns` whose detail of `levels` levels is zero."""
    for level in range(levels - 1, -1, -1):
        height, width = band_shape(rows, columns, level)
        low = _interpolate(_interpolate(low, width, -1), height, -2)
    return low


def _at(axis: int, index: slice) -> tuple[EllipsisType | slice, ...]:
    return (..., index) if axis == -1 else (..., index, slice(None))


def _split(samples: Plane, axis: int) -> tuple[Plane, Plane]:
    even, odd = samples[_at(axis, slice(0, None, 2))], samples[_at(axis, slice(1, None, 2))]
    if odd.shape[axis] == 0:
        return even.copy(), odd.copy()
    high = odd - _half_sum(even, odd.shape[axis], axis)
    return even + _quarter_sum(high, even.shape[axis], axis), high


def _merge(low: Plane, high: Plane, axis: int) -> Plane:
    evens, odds = low.shape[axis], high.shape[axis]
    shape = list(low.shape)
    shape[axis] = evens + odds
    samples = np.empty(shape, low.dtype)
    even = samples[_at(axis, slice(0, None, 2))]
    if odds == 0:
        even[...] = low
        return samples
    np.subtract(low, _quarter_sum(high, evens, axis), out=even)
    np.add(high, _half_sum(even, odds, axis), out=samples[_at(axis, slice(1, None, 2))])
    return samples


def _interpolate(low: Plane, size: int, axis: int) -> Plane:
    """Merge with a high-pass of zero: even samples are the low-pass, odd ones the floor of their neighbours' mean."""
    evens = low.shape[axis]
    shape = list(low.shape)
    shape[axis] = size
    samples = np.empty(shape, low.dtype)
    samples[_at(axis, slice(0, None, 2))] = low
    if size > evens:
        samples[_at(axis, slice(1, None, 2))] = _half_sum(low, size - evens, axis)
    return samples


def _half_sum(even: Plane, odds: int, axis: int) -> Plane:
    """Floor of the mean of each odd sample's even neighbours; the last even one is mirrored."""
    evens = even.shape[axis]
    inner = even[_at(axis, slice(0, evens - 1))] + even[_at(axis, slice(1, None))]
    if odds == evens:
        inner = np.concatenate((inner, even[_at(axis, slice(-1, None))] * 2), axis)
    inner >>= 1
    return inner


def _quarter_sum(high: Plane, evens: int, axis: int) -> Plane:
    """Rounded quarter of the sum of each even sample's odd neighbours; both ends are mirrored."""
    odds = high.shape[axis]
    first, last = high[_at(axis, slice(0, 1))], high[_at(axis, slice(-1, None))]
    inner = high[_at(axis, slice(0, odds - 1))] + high[_at(axis, slice(1, None))]
    parts = (first * 2, inner) if evens == odds else (first * 2, inner, last * 2)
    total = np.concatenate(parts, axis)
    total += 2
    total >>= 2
    return total
