"""Take the block edges and the ringing out of a JPEG picture without leaving what its file says.

A JPEG file does not say coefficients, it says cells: every coefficient lies within half a step of the coded multiple.
Two constraint sets are alternated: "smooth across the block grid" (small coefficients of shifted 8 × 8 DCTs dropped,
averaged over the shifts) and "in the cells" (coefficients of the coding grid clipped to CELL of a step around the coded
ones). The second comes last, so the result re-quantises to exactly the coded coefficients.
"""

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill.samples import BadFillInput

Field = NDArray[np.float32]
Kind = TypeVar("Kind", bound=np.generic)

SIDE = 8
CELL = 0.35  # of a step each way: narrower than the cell's half, since coefficients crowd towards 0
SHIFTS = ((1, 4), (4, 7), (6, 2), (3, 1))  # gain at quality 50: one shift 0.0 dB, two 0.5, these 0.8, eight 0.9


def _basis() -> Field:
    """The DCT of 8 samples as a matrix (8, 8), one function a row."""
    n = np.arange(SIDE)
    one = np.sqrt(2 / SIDE) * np.cos(np.pi * (2 * n[None] + 1) * n[:, None] / (2 * SIDE))
    one[0] /= np.sqrt(2)
    return np.asarray(one, np.float32)


_DCT = _basis()


def quantise(picture: Field, table: NDArray[np.integer], centre: float = 128.0) -> NDArray[np.int32]:
    """Give the coded coefficients (rows/8, columns/8, 64) of a picture whose sides are multiples of 8."""
    rows, columns = picture.shape
    if rows % SIDE or columns % SIDE:
        raise BadFillInput(f"a picture of {picture.shape}: sides must be multiples of {SIDE}")
    blocks = _by_block(_transform(np.array(picture - centre, np.float32, order="C"), _DCT)) / _steps(table)
    coded = np.rint(blocks).astype(np.int32).transpose(0, 2, 1, 3)
    return np.asarray(coded.reshape(rows // SIDE, columns // SIDE, SIDE * SIDE))


def smooth_in_cells(
    coded: NDArray[np.integer], table: NDArray[np.integer], rounds: int = 1, centre: float = 128.0
) -> Field:
    """Decode coded coefficients (rows/8, columns/8, 64), in row order, to the smoothest picture in their cells.

    `table`: the 64 quantisation steps in the same order. Gives (rows, columns) of float32; rounding it to whole numbers
    may leave cells narrower than 2. Raises BadFillInput for shapes that do not fit.
    """
    steps = _steps(table)
    if coded.ndim != 3 or coded.shape[2] != SIDE * SIDE:
        raise BadFillInput(f"coefficients of shape {coded.shape}: (rows/8, columns/8, 64) are needed")
    down, across = coded.shape[:2]
    middle: Field = coded.reshape(down, across, SIDE, SIDE).transpose(0, 2, 1, 3).astype(np.float32) * steps
    least, most = middle - CELL * steps, middle + CELL * steps
    threshold = float(steps[0, :3, 0, :3].mean()) / 2
    picture = _transform(np.array(middle, order="C").reshape(down * SIDE, across * SIDE), _DCT.T)
    for _ in range(rounds):
        inside = _by_block(_transform(_smooth(picture, threshold), _DCT))
        np.maximum(inside, least, out=inside)
        np.minimum(inside, most, out=inside)
        picture = _transform(inside.reshape(picture.shape), _DCT.T)
    picture += np.float32(centre)
    return picture


def _smooth(picture: Field, threshold: float) -> Field:
    """Drop small coefficients on shifted grids, the block means kept, and average.

    The arrays are made once: making them anew for every shift takes as long as the work.
    """
    rows, columns = picture.shape
    framed = cv2.copyMakeBorder(picture, SIDE, SIDE, SIDE, SIDE, cv2.BORDER_REPLICATE)
    total = np.zeros_like(picture)
    window, between = np.empty((2, rows + SIDE, columns + SIDE), np.float32)
    kept = np.empty(window.shape, np.bool_)
    for down, right in SHIFTS:
        window[...] = framed[SIDE - down :, SIDE - right :][: rows + SIDE, : columns + SIDE]
        _transform(window, _DCT, between)
        np.greater(np.abs(window, out=between), threshold, out=kept)
        _by_block(kept)[:, 0, :, 0] = True
        window *= kept
        _transform(window, _DCT.T, between)
        total += window[down:, right:][:rows, :columns]
    total *= np.float32(1 / len(SHIFTS))
    return total


def _transform(picture: Field, basis: Field, between: Field | None = None) -> Field:
    """Transform the columns and rows of all 8 × 8 blocks in place, and return it; `between`: room for as much."""
    rows, columns = picture.shape
    between = np.empty_like(picture) if between is None else between
    np.matmul(basis, picture.reshape(rows // SIDE, SIDE, columns), out=between.reshape(rows // SIDE, SIDE, columns))
    np.matmul(between.reshape(-1, SIDE), basis.T, out=picture.reshape(-1, SIDE))
    return picture


def _by_block(picture: NDArray[Kind]) -> NDArray[Kind]:
    """View (rows, columns) as (rows/8, 8, columns/8, 8)."""
    return picture.reshape(picture.shape[0] // SIDE, SIDE, picture.shape[1] // SIDE, SIDE)


def _steps(table: NDArray[np.integer]) -> Field:
    """Give the steps of a table as (1, 8, 1, 8)."""
    steps = np.asarray(table, np.float32).reshape(-1)
    if steps.size != SIDE * SIDE or steps.min() < 1:
        raise BadFillInput(f"a quantisation table of shape {np.shape(table)}: 64 steps from 1 are needed")
    return steps.reshape(1, SIDE, 1, SIDE)
