"""Cover the missing pixels of a frame with squares that the bank has operators for.

A hole that is one square of 8, 16 or 32 pixels is taken as it is, wherever it lies. Other holes made of 8 × 8 blocks
of the grid are cut into the largest squares on the grid; where such squares of 32 lie side by side the hole is *deep*:
its middle is too far from anything known, and it is filled at half size first. All other holes are *ragged*. A frame
whose side is no multiple of 8 ends in squares moved inwards: they overlap known pixels, which stay.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill.plane import Indexes, Mask, Squares

Corners = tuple[Indexes, Indexes]

BLOCK = 8
SIDES = (32, 16, 8)


@dataclass(frozen=True, slots=True)
class Cover:
    """Squares, largest first; the pixels of deep holes and of ragged ones, None where there are none."""

    squares: list[Squares]
    deep: Mask | None
    ragged: Mask | None


def cover(missing: Mask, allow_deep: bool = True) -> Cover:
    """Cover a mask (rows, columns) that is True where pixels are missing."""
    rows, columns = missing.shape
    share = _block_share(missing)
    blocks = share == 255
    if min(rows, columns) < BLOCK:
        return Cover([], None, missing if missing.any() else None)
    sides = [side for side in SIDES if side <= min(rows, columns)]
    ragged = None
    if np.array_equal(blocks, share > 0):
        alone, blocks = _lone_squares(blocks, BLOCK, sides)
    else:
        partial = _pixels((share > 0) & ~blocks, missing.shape)
        alone, ragged, blocks = _take_apart(missing, partial, blocks, sides)
    deep = _side_by_side(blocks) if allow_deep else np.zeros_like(blocks)
    blocks = blocks & ~deep
    squares: list[Squares] = []
    for side in sides:
        tops, lefts, blocks = _on_grid(blocks, side // BLOCK)
        tops, lefts = np.concatenate((tops * BLOCK, alone[side][0])), np.concatenate((lefts * BLOCK, alone[side][1]))
        if len(tops):
            squares.append(Squares(side, np.minimum(tops, rows - side), np.minimum(lefts, columns - side)))
    return Cover(squares, _pixels(deep, missing.shape) if deep.any() else None, ragged)


def _pixels(blocks: Mask, shape: tuple[int, ...]) -> Mask:
    """Spread a mask over blocks to one over the pixels of a frame."""
    return blocks.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)[: shape[0], : shape[1]]


def _block_share(missing: Mask) -> NDArray[np.uint8]:
    """Give how much of each block is missing, 0 to 255; 255 only if all of it."""
    down, right = (-side % BLOCK for side in missing.shape)
    full = cv2.copyMakeBorder(missing.view(np.uint8) * np.uint8(255), 0, down, 0, right, cv2.BORDER_REPLICATE)
    size = (full.shape[1] // BLOCK, full.shape[0] // BLOCK)
    return np.asarray(cv2.resize(full, size, interpolation=cv2.INTER_AREA), np.uint8)


def _lone_squares(mask: Mask, unit: int, sides: list[int]) -> tuple[dict[int, Corners], Mask]:
    """Find holes that are one square; give their corners in pixels by side, and the mask of the other holes.

    `unit`: pixels per element of the mask.
    """
    count, found, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    labels = np.asarray(found, np.intp)
    lefts, tops, widths, heights, areas = (column.astype(np.intp) for column in stats.T)
    taken = np.zeros(count, np.bool_)
    alone: dict[int, Corners] = {}
    for side in sides:
        length = side // unit
        fits = (widths == length) & (heights == length) & (areas == length * length)
        fits[0] = False
        taken |= fits
        alone[side] = (tops[fits] * unit, lefts[fits] * unit)
    return alone, mask & ~taken[labels]


def _take_apart(
    missing: Mask, partial: Mask, blocks: Mask, sides: list[int]
) -> tuple[dict[int, Corners], Mask | None, Mask]:
    """Take lone squares and ragged holes apart from those made of blocks only: (squares, ragged, blocks)."""
    alone, others = _lone_squares(missing, 1, sides)
    count, found = cv2.connectedComponents(others.view(np.uint8), connectivity=8)
    labels = np.asarray(found, np.intp)
    touched = np.zeros(count, np.bool_)
    touched[np.unique(labels[partial & others])] = True
    touched[0] = False
    ragged = touched[labels]
    left = others & ~ragged
    rows, columns = (np.arange(0, side, BLOCK) for side in missing.shape)
    return alone, ragged if ragged.any() else None, blocks & left[np.ix_(rows, columns)]


def _squares_of(blocks: Mask, size: int) -> Mask:
    """Say which squares of the grid of `size` blocks are wholly missing; what the frame cuts off does not count."""
    down, right = (-side % size for side in blocks.shape)
    full = np.pad(blocks, ((0, down), (0, right)), constant_values=True)
    return np.asarray(full.reshape(full.shape[0] // size, size, full.shape[1] // size, size).all(axis=(1, 3)))


def _on_grid(blocks: Mask, size: int) -> tuple[Indexes, Indexes, Mask]:
    """Cut the wholly missing squares of the grid out of the blocks: (tops, lefts, other blocks)."""
    if not blocks.any():
        nothing = np.empty(0, np.intp)
        return nothing, nothing, blocks
    squares = _squares_of(blocks, size)
    spread = squares.repeat(size, axis=0).repeat(size, axis=1)[: blocks.shape[0], : blocks.shape[1]]
    tops, lefts = np.nonzero(squares)
    return tops * size, lefts * size, blocks & ~spread


def _side_by_side(blocks: Mask) -> Mask:
    """Mark the blocks of those wholly missing squares of the largest grid that have another one beside them."""
    size = SIDES[0] // BLOCK
    if not blocks.any():
        return blocks
    squares = _squares_of(blocks, size)
    framed = np.pad(squares, 1)
    beside = framed[:-2, 1:-1] | framed[2:, 1:-1] | framed[1:-1, :-2] | framed[1:-1, 2:]
    deep = (squares & beside).repeat(size, axis=0).repeat(size, axis=1)
    return np.asarray(deep[: blocks.shape[0], : blocks.shape[1]] & blocks)
