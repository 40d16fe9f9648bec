"""Cover the missing pixels of a frame with squares that the bank has operators for.

A hole that is one square of 8, 16 or 32 pixels is taken as it is, wherever it lies. Other holes made of 8 × 8 blocks
of the grid are cut into the largest squares on the grid; where one of 32 has two others beside it the hole is *deep*:
its middle is too far from anything known, and it is filled at half size first. All other holes are *ragged*. A frame
whose side is no multiple of 8 ends in squares moved inwards: they overlap known pixels, which stay.
"""

from dataclasses import dataclass

import cv2
import numpy as np

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
    blocks, touched = _blocks(missing)
    sides = [side for side in SIDES if side <= min(rows, columns)]
    ragged = None
    if np.array_equal(blocks, touched):
        alone, blocks = _lone_squares(blocks, BLOCK, sides)
    else:
        partial = _pixels(touched & ~blocks, missing.shape)
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
    return _spread(blocks, BLOCK)[: shape[0], : shape[1]]


def _spread(coarse: Mask, size: int) -> Mask:
    """Repeat every element `size` times each way."""
    rows, columns = coarse.shape
    spread = np.broadcast_to(coarse[:, None, :, None], (rows, size, columns, size))
    return spread.reshape(rows * size, columns * size)


def _blocks(missing: Mask) -> tuple[Mask, Mask]:
    """Say of each block whether all of it and whether any of it is missing; a row of a block is read as one word."""
    down, right = (-side % BLOCK for side in missing.shape)
    full = np.ascontiguousarray(missing).view(np.uint8)
    if down or right:
        full = cv2.copyMakeBorder(full, 0, down, 0, right, cv2.BORDER_REPLICATE)
    words = full.view(np.uint64).reshape(-1, BLOCK, full.shape[1] // BLOCK)
    return np.bitwise_and.reduce(words, axis=1) == _ALL, np.bitwise_or.reduce(words, axis=1) != 0


def _lone_squares(mask: Mask, unit: int, sides: list[int]) -> tuple[dict[int, Corners], Mask]:
    """Find holes that are one square; give their corners in pixels by side, and the mask of the other holes.

    `unit`: pixels per element of the mask.
    """
    count, found, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    lefts, tops, widths, heights, areas = stats.T.astype(np.intp)
    taken = np.zeros(count, np.bool_)
    alone: dict[int, Corners] = {}
    for side in sides:
        length = side // unit
        fits = (widths == length) & (heights == length) & (areas == length * length)
        fits[0] = False
        taken |= fits
        alone[side] = (tops[fits] * unit, lefts[fits] * unit)
    return alone, mask & ~np.take(taken, np.asarray(found, np.int32))


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
    return np.asarray(full.reshape(full.shape[0] // size, size, full.shape[1] // size, size).all(axis=(1, 3)))


def _on_grid(blocks: Mask, size: int) -> tuple[Indexes, Indexes, Mask]:
    """Cut the wholly missing squares of the grid out of the blocks: (tops, lefts, other blocks)."""
    if not blocks.any():
        nothing = np.empty(0, np.intp)
        return nothing, nothing, blocks
    squares = _squares_of(blocks, size)
    tops, lefts = np.nonzero(squares)
    others = blocks & ~_spread(squares, size)[: blocks.shape[0], : blocks.shape[1]] if len(tops) else blocks
    return tops * size, lefts * size, others


def _side_by_side(blocks: Mask) -> Mask:
    """Mark the blocks of those wholly missing squares of the largest grid that have DEEP_FROM others beside them."""
    size = SIDES[0] // BLOCK
    if not blocks.any():
        return blocks
    squares = _squares_of(blocks, size)
    if not squares.any():
        return np.zeros_like(blocks)
    framed = np.pad(squares, 1)
    beside = sum(framed[rows, columns].astype(np.int8) for rows, columns in _BESIDE)
    deep = _spread(squares & (beside >= DEEP_FROM), size)
    return np.asarray(deep[: blocks.shape[0], : blocks.shape[1]] & blocks)
