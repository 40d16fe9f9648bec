"""Take the block edges and the ringing out of a JPEG picture without leaving what its file says.

A JPEG file does not say coefficients, it says cells: every coefficient lies within half a step of the coded multiple.
Two constraint sets are alternated: "smooth across the block grid" (small coefficients of shifted 8 × 8 DCTs dropped,
averaged over the shifts) and "in the cells" (coefficients of the coding grid clipped to CELL of a step around the coded
ones). The second comes last, so the result re-quantises to exactly the coded coefficients.
"""

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill.samples import BadFillInput

Field = NDArray[np.float32]

SIDE = 8
CELL = 0.35  # of a step each way: narrower than the cell's half, since coefficients crowd towards 0
SHIFTS = ((1, 4), (4, 7), (6, 2), (3, 1))  # gain at quality 50: one shift 0.0 dB, two 0.5, these 0.8, eight 0.9


def _basis() -> Field:
    """The 2-D DCT of 8 × 8 pixels as one matrix (64, 64), coefficients by row."""
    n = np.arange(SIDE)
    one = np.sqrt(2 / SIDE) * np.cos(np.pi * (2 * n[None] + 1) * n[:, None] / (2 * SIDE))
    one[0] /= np.sqrt(2)
    return np.asarray(np.kron(one, one), np.float32)


_DCT = _basis()


def quantise(picture: Field, table: NDArray[np.integer], centre: float = 128.0) -> NDArray[np.int32]:
    """Give the coded coefficients (rows/8, columns/8, 64) of a picture whose sides are multiples of 8."""
    steps = _steps(table)
    coefficients = _blocks(np.asarray(picture - centre, np.float32)) @ _DCT.T / steps
    shape = (picture.shape[0] // SIDE, picture.shape[1] // SIDE, SIDE * SIDE)
    return np.asarray(np.rint(coefficients).reshape(shape), np.int32)


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
    rows, columns = coded.shape[0] * SIDE, coded.shape[1] * SIDE
    middle: Field = coded.reshape(-1, SIDE * SIDE).astype(np.float32) * steps
    least, most = middle - CELL * steps, middle + CELL * steps
    threshold = float(steps.reshape(SIDE, SIDE)[:3, :3].mean()) / 2
    picture = _unblocks(middle @ _DCT, rows, columns)
    for _ in range(rounds):
        smoothed = _smooth(picture, threshold)
        inside = np.asarray(np.clip(_blocks(smoothed) @ _DCT.T, least, most), np.float32)
        picture = _unblocks(inside @ _DCT, rows, columns)
    return np.asarray(picture + np.float32(centre), np.float32)


def _smooth(picture: Field, threshold: float) -> Field:
    """Drop small coefficients on shifted grids, the block means kept, and average."""
    rows, columns = picture.shape
    framed = np.pad(picture, SIDE, "edge")
    total = np.zeros_like(picture)
    for down, right in SHIFTS:
        window = framed[SIDE - down :, SIDE - right :][: rows + SIDE, : columns + SIDE]
        coefficients = _blocks(window) @ _DCT.T
        kept = np.abs(coefficients) > threshold
        kept[:, 0] = True
        kept_only = np.asarray((coefficients * kept) @ _DCT, np.float32)
        total += _unblocks(kept_only, rows + SIDE, columns + SIDE)[down:, right:][:rows, :columns]
    return total / np.float32(len(SHIFTS))


def _steps(table: NDArray[np.integer]) -> Field:
    steps = np.asarray(table, np.float32).reshape(-1)
    if steps.size != SIDE * SIDE or steps.min() < 1:
        raise BadFillInput(f"a quantisation table of shape {np.shape(table)}: 64 steps from 1 are needed")
    return steps


def _blocks(picture: Field) -> Field:
    rows, columns = picture.shape
    if rows % SIDE or columns % SIDE:
        raise BadFillInput(f"a picture of {picture.shape}: sides must be multiples of {SIDE}")
    return picture.reshape(rows // SIDE, SIDE, columns // SIDE, SIDE).transpose(0, 2, 1, 3).reshape(-1, SIDE * SIDE)


def _unblocks(blocks: Field, rows: int, columns: int) -> Field:
    return blocks.reshape(rows // SIDE, columns // SIDE, SIDE, SIDE).transpose(0, 2, 1, 3).reshape(rows, columns)
