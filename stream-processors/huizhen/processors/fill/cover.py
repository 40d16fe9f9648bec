"""Cover the missing pixels of a frame with squares that the bank has operators for.

A hole that is one square of 8, 16 or 32 pixels is taken as it is, wherever it lies. Other holes made of 8 × 8 blocks
of the grid are cut into the largest squares on the grid; where one of 32 has two others beside it the hole is *deep*:
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
DEEP_FROM = 2  # of a square's four neighbours: two squares alone are filled as well one by one, in half the time
_INNER = slice(1, -1)
_BESIDE = ((slice(None, -2), _INNER), (slice(2, None), _INNER), (_INNER, slice(None, -2)), (_INNER, slice(2, None)))
_ALL = np.frombuffer(b"\x01" * BLOCK, np.uint64)[0]  # a row of a block that is wholly missing


@dataclass(frozen=True, slots=True)
class Cover:
    """Squares, largest first; the pixels of deep holes and of ragged ones, None where there are none."""

    squares: list[Squares]
    deep: Mask | None
    ragged: Mask | None


def cover(missing: Mask, allow_deep: bool = True) -> Cover:
    """Cover a mask (rows, columns) that is True where pixels are missing."""
    rows, columns = missing.shape
    if min(rows, columns) < BLOCK:
        return Cover([], None, missing if missing.any() else None)
    words = _words(missing)
    blocks = np.bitwise_and.reduce(words, axis=1) == _ALL
    sides = [side for side in SIDES if side <= min(rows, columns)]
    ragged, unit = None, BLOCK
    if np.count_nonzero(blocks) * BLOCK**2 == np.count_nonzero(words.view(np.bool_)):
        if 2 * BLOCK in sides:
            blocks, unit = _coarsest(blocks)
        alone, blocks = _lone_squares(blocks, unit, sides)
    else:
        partial = _spread((np.bitwise_or.reduce(words, axis=1) != 0) & ~blocks, BLOCK)[:rows, :columns]
        alone, ragged, blocks = _take_apart(missing, partial, blocks, sides)
    deep = None
    if allow_deep and blocks.any():
        beside = _side_by_side(blocks, SIDES[0] // unit)
        if beside.any():
            deep, blocks = _spread(beside, unit)[:rows, :columns], blocks & ~beside
    squares: list[Squares] = []
    for side in sides:
        if side < unit:
            break
        tops, lefts = alone[side]
        if blocks.any():
            down, right, blocks = _on_grid(blocks, side // unit)
            tops, lefts = np.concatenate((tops, down * unit)), np.concatenate((lefts, right * unit))
        if len(tops):  # those that the frame cuts off are moved inwards
            squares.append(Squares(side, np.minimum(tops, rows - side), np.minimum(lefts, columns - side)))
    return Cover(squares, deep, ragged)


def _coarsest(blocks: Mask) -> tuple[Mask, int]:
    """Take blocks that are all whole squares of twice the size as such: (squares, pixels a side)."""
    if not any(length % 2 for length in blocks.shape):  # the frame cuts none of the larger squares off
        larger = _squares_of(blocks, 2)
        if np.count_nonzero(blocks) == 4 * np.count_nonzero(larger):
            return larger, 2 * BLOCK
    return blocks, BLOCK


def _spread(coarse: Mask, size: int) -> Mask:
    """Repeat every element `size` times each way."""
    rows, columns = coarse.shape
    spread = np.broadcast_to(coarse[:, None, :, None], (rows, size, columns, size))
    return spread.reshape(rows * size, columns * size)


def _words(missing: Mask) -> NDArray[np.uint64]:
    """Read each row of each block as one word: (blocks down, BLOCK, blocks across)."""
    down, right = (-side % BLOCK for side in missing.shape)
    full = np.ascontiguousarray(missing).view(np.uint8)
    if down or right:
        full = cv2.copyMakeBorder(full, 0, down, 0, right, cv2.BORDER_REPLICATE)
    return full.view(np.uint64).reshape(-1, BLOCK, full.shape[1] // BLOCK)


def _lone_squares(mask: Mask, unit: int, sides: list[int]) -> tuple[dict[int, Corners], Mask]:
    """Find holes that are one square; give their corners in pixels by side, and the mask of the other holes.

    `unit`: pixels per element of the mask.
    """
    count, found, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    lefts, tops, widths, heights, areas = stats.T.astype(np.intp)
    taken = np.zeros(count, np.bool_)
    alone: dict[int, Corners] = {}
    for side in (side for side in sides if side >= unit):
        length = side // unit
        fits = (widths == length) & (heights == length) & (areas == length * length)
        fits[0] = False
        taken |= fits
        alone[side] = (tops[fits] * unit, lefts[fits] * unit)
    return alone, mask & ~taken[found.astype(np.intp)]


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
    full = np.pad(blocks, ((0, down), (0, right)), constant_values=True) if down or right else blocks
    for _ in range(size.bit_length() - 1):  # sizes are powers of two
        across = full[:, ::2] & full[:, 1::2]
        full = across[::2] & across[1::2]
    return full


def _on_grid(blocks: Mask, size: int) -> tuple[Indexes, Indexes, Mask]:
    """Cut the wholly missing squares of the grid out of the blocks: (tops, lefts, other blocks)."""
    squares = _squares_of(blocks, size)
    tops, lefts = np.nonzero(squares)
    others = blocks & ~_spread(squares, size)[: blocks.shape[0], : blocks.shape[1]] if len(tops) else blocks
    return tops * size, lefts * size, others


def _side_by_side(blocks: Mask, size: int) -> Mask:
    """Mark the blocks of those wholly missing squares of the grid that have DEEP_FROM others beside them."""
    squares = _squares_of(blocks, size)
    if not squares.any():
        return np.zeros_like(blocks)
    framed = np.pad(squares, 1)
    beside = sum(framed[rows, columns].astype(np.int8) for rows, columns in _BESIDE)
    deep = _spread(squares & (beside >= DEEP_FROM), size)
    return np.asarray(deep[: blocks.shape[0], : blocks.shape[1]] & blocks)
