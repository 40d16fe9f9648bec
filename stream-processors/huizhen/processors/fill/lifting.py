"""The reversible 5/3 wavelet and colour transform of JPEG 2000, in whole numbers (ITU-T T.800 Annexes F and G).

Arrays are planar: (planes, rows, columns) of int32, the planes of all components and tiles alike. Each call works on
whole tiles whose origin is even, as tiles of a power-of-two size always are, so the first sample of a row belongs to
the low-pass. The border is extended by whole-sample symmetry; a side of one sample passes unchanged.

Both transforms are exact: `analyse` then `synthesise` gives the input, and for *any* detail bands the low-pass of what
`synthesise` gives is the low-pass that went in. The second sentence is what filling stands on: every choice of detail
is a picture that agrees with the received low-pass.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
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
    if pixels.ndim == 2:
        return pixels.astype(np.int32)[None]
    red, green, blue = (channel.astype(np.int32) for channel in _split_channels(pixels))
    planes = np.empty((3, *red.shape), np.int32)
    np.subtract(blue, green, out=planes[1])
    np.subtract(red, green, out=planes[2])
    green *= 2
    red += blue
    np.add(red, green, out=planes[0])
    planes[0] >>= 2
    return planes


def _split_channels(pixels: NDArray[np.generic]) -> Sequence[NDArray[np.generic]]:
    """Take the channels apart; OpenCV does it four times faster than strides, but takes no big-endian samples."""
    whole = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("="))
    if whole.dtype.type in {np.uint8, np.int16, np.uint16, np.int32}:
        return [np.asarray(channel) for channel in cv2.split(whole)]  # pyright: ignore[reportCallIssue, reportArgumentType] - any of these types will do
    return [whole[..., channel] for channel in range(3)]


def from_planes(planes: Plane) -> NDArray[np.int32]:
    """Invert `to_planes`: (rows, columns) from 1 plane, (rows, columns, 3) from 3."""
    if planes.shape[0] == 1:
        only: NDArray[np.int32] = planes[0]
        return only
    luma, blue, red = planes
    green = luma - ((blue + red) >> 2)
    return np.asarray(cv2.merge((red + green, green, blue + green)), np.int32)


def band_shape(rows: int, columns: int, level: int) -> tuple[int, int]:
    """Give the shape of the low-pass of a tile of `rows` × `columns` after `level` halvings."""
    return -(-rows >> level), -(-columns >> level)


def analyse(planes: Plane, levels: int) -> tuple[Plane, list[Detail]]:
    """Transform forward; return the low-pass and the detail of each level, finest first."""
    rows = np.ascontiguousarray(planes.transpose(1, 0, 2))
    details: list[Detail] = []
    for _ in range(levels):
        low, high = _split(rows)
        low_low, high_low = _split(_lay_down(low))
        low_high, high_high = _split(_lay_down(high))
        rows = _set_up(low_low)
        details.append(Detail(*(_set_up(band).transpose(1, 0, 2) for band in (high_low, low_high, high_high))))
    return rows.transpose(1, 0, 2), details


def synthesise(low: Plane, details: list[Detail]) -> Plane:
    """Transform back from a low-pass and the detail of each level, finest first."""
    rows = low.transpose(1, 0, 2)
    for detail in reversed(details):
        hl, lh, hh = (_lay_down(band.transpose(1, 0, 2)) for band in detail)
        rows = _merge(_set_up(_merge(_lay_down(rows), hl)), _set_up(_merge(lh, hh)))
    return rows.transpose(1, 0, 2)


def zero_detail(low: Plane, rows: int, columns: int, levels: int) -> Plane:
    """Synthesise a tile of `rows` × `columns` whose detail of `levels` levels is zero."""
    pixels = low.transpose(1, 0, 2)
    for level in range(levels - 1, -1, -1):
        height, width = band_shape(rows, columns, level)
        pixels = _interpolate(_set_up(_interpolate(_lay_down(pixels), width)), height)
    return pixels.transpose(1, 0, 2)


# Inside, the axis that is worked on comes first, (rows, planes, columns) or (columns, rows, planes): sums of whole
# contiguous rows are several times faster than sums along a row with a stride.


def _lay_down(rows: Plane) -> Plane:
    """(rows, planes, columns) to (columns, rows, planes)."""
    height, count, width = rows.shape
    if not rows.size:
        return np.empty((width, height, count), rows.dtype)
    turned = np.asarray(cv2.transpose(np.ascontiguousarray(rows).reshape(-1, width)), np.int32)
    return turned.reshape(width, height, count)


def _set_up(columns: Plane) -> Plane:
    """(columns, rows, planes) to (rows, planes, columns)."""
    width, height, count = columns.shape
    if not columns.size:
        return np.empty((height, count, width), columns.dtype)
    turned = np.asarray(cv2.transpose(columns.reshape(width, -1)), np.int32)
    return turned.reshape(height, count, width)


def _split(samples: Plane) -> tuple[Plane, Plane]:
    """Split along the first axis into low-pass and high-pass."""
    even, odd = samples[0::2], samples[1::2]
    if len(odd) == 0:
        return even.copy(), odd.copy()
    high = _half_sum(even, len(odd))
    np.subtract(odd, high, out=high)
    low = _quarter_sum(high, len(even))
    low += even
    return low, high


def _merge(low: Plane, high: Plane) -> Plane:
    """Invert `_split`."""
    samples = np.empty((len(low) + len(high), *low.shape[1:]), low.dtype)
    even = samples[0::2]
    if len(high) == 0:
        even[...] = low
        return samples
    np.subtract(low, _quarter_sum(high, len(low)), out=even)
    np.add(high, _half_sum(even, len(high)), out=samples[1::2])
    return samples


def _interpolate(low: Plane, size: int) -> Plane:
    """Merge with a high-pass of zero: even samples are the low-pass, odd ones the floor of their neighbours' mean."""
    samples = np.empty((size, *low.shape[1:]), low.dtype)
    samples[0::2] = low
    if size > len(low):
        samples[1::2] = _half_sum(low, size - len(low))
    return samples


def _half_sum(even: Plane, odds: int) -> Plane:
    """Floor of the mean of each odd sample's even neighbours; the last even one is mirrored."""
    total = np.empty((odds, *even.shape[1:]), even.dtype)
    np.add(even[:-1], even[1:], out=total[: len(even) - 1])
    if odds == len(even):
        np.multiply(even[-1], 2, out=total[-1])
    total >>= 1
    return total


def _quarter_sum(high: Plane, evens: int) -> Plane:
    """Rounded quarter of the sum of each even sample's odd neighbours; both ends are mirrored."""
    odds = len(high)
    total = np.empty((evens, *high.shape[1:]), high.dtype)
    np.multiply(high[0], 2, out=total[0])
    np.add(high[:-1], high[1:], out=total[1:odds])
    if evens > odds:
        np.multiply(high[-1], 2, out=total[-1])
    total += 2
    total >>= 2
    return total
