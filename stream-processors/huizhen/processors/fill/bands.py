"""Detail bands laid out by low-pass sample, so that all that is known of one place stands in one column.

Each sample of the low-pass of `levels` halvings owns a block of 2**levels pixels a side, and with it 4**levels - 1
detail coefficients: 3 of the coarsest level, then 12 of the next, and so on. `pack` brings them into one array
(tiles, coefficients, rows, columns) at the size of the low-pass; where a tile ends inside a block, the missing ones
are 0.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill.lifting import Detail, Plane, band_shape

# Squared norm of the synthesis function of one coefficient: how much pixel error one unit of coefficient error makes.
_LOW_NORM = (1.0, 1.5, 2.75, 5.375, 10.6875, 21.34375)
_HIGH_NORM = (0.0, 0.71875, 0.921875, 1.5859375, 3.043, 6.022)


class Estimate(NamedTuple):
    """Estimated detail of tiles of one shape.

    `planes`: which planes have any, counted over all tiles' planes; `coefficients`: theirs, packed; `squares`: per tile
    the mean square pixel error expected.
    """

    planes: NDArray[np.intp]
    coefficients: NDArray[np.float32]
    squares: NDArray[np.float32]


def coefficients(levels: int) -> int:
    """Count the detail coefficients of one block."""
    return int(4**levels) - 1


def level_rows(levels: int, level: int) -> slice:
    """Give the rows of a packed array that belong to `level` (0 is the finest)."""
    return slice(4 ** (levels - 1 - level) - 1, 4 ** (levels - level) - 1)


def pack(details: list[Detail]) -> NDArray[np.int32]:
    """Lay out bands (n, …) of n tiles, finest level first, as (n, coefficients, rows, columns) of the low-pass."""
    levels, count = len(details), len(details[0].hl)
    rows, columns = details[-1].hl.shape[1], details[-1].lh.shape[2]
    packed = np.zeros((count, coefficients(levels), rows, columns), np.int32)
    for level, detail in enumerate(details):
        side = 1 << (levels - 1 - level)
        target = packed[:, level_rows(levels, level)].reshape(count, 3, side, side, rows, columns)
        for kind, band in enumerate(detail):
            whole = _pad(band, rows * side, columns * side)
            target[:, kind] = whole.reshape(count, rows, side, columns, side).transpose(0, 2, 4, 1, 3)
    return packed


def _pad(band: Plane, rows: int, columns: int) -> Plane:
    if band.shape[1:] == (rows, columns):
        return band
    whole = np.zeros((len(band), rows, columns), band.dtype)
    whole[:, : band.shape[1], : band.shape[2]] = band
    return whole


def unpack(packed: NDArray[np.int32], rows: int, columns: int) -> list[Detail]:
    """Invert `pack` for tiles of `rows` × `columns`."""
    count, coefficient_count, height, width = packed.shape
    levels = (coefficient_count + 1).bit_length() // 2
    details: list[Detail] = []
    for level in range(levels):
        side = 1 << (levels - 1 - level)
        blocks = packed[:, level_rows(levels, level)].reshape(count, 3, side, side, height, width)
        bands = blocks.transpose(1, 0, 4, 2, 5, 3).reshape(3, count, height * side, width * side)
        low_rows, low_columns = band_shape(rows, columns, level + 1)
        above_rows, above_columns = band_shape(rows, columns, level)
        high_rows, high_columns = above_rows - low_rows, above_columns - low_columns
        details.append(
            Detail(
                bands[0, :, :low_rows, :high_columns],
                bands[1, :, :high_rows, :low_columns],
                bands[2, :, :high_rows, :high_columns],
            )
        )
    return details


def error_gains(levels: int) -> NDArray[np.float32]:
    """Give each packed coefficient's share of the mean square pixel error of its block, per unit of its own square."""
    gains = np.empty(coefficients(levels), np.float32)
    for level in range(levels):
        mixed = _LOW_NORM[level + 1] * _HIGH_NORM[level + 1]
        both = _HIGH_NORM[level + 1] ** 2
        side = 4 ** (levels - 1 - level)
        gains[level_rows(levels, level)] = np.repeat((mixed, mixed, both), side)
    return gains / np.float32(4**levels)
