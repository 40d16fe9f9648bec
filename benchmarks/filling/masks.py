"""What is lost of a frame, and which losses count: only places with content, which empty background would flatter."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill import Box, LostDetail
from huizhen.processors.fill.lifting import analyse, from_planes, to_planes

Mask = NDArray[np.bool_]

TILE = 128
PHASES = 4
DETAIL_RULE = "every 4th 128 px tile (2 x 2 phase); those whose spread is above 1/60 of the frame's range count"
HOLE_RULE = (
    "random squares on their grid; only those where 3 x 3 squares spread above 2 % of the frame's range are lost"
)
DETAIL_SPREAD = 1 / 60
HOLE_SPREAD = 0.02


@dataclass(frozen=True, slots=True)
class DetailLoss:
    """Tiles of one phase that lost their detail, and which of them have content."""

    lost: list[LostDetail]
    counts: list[bool]


def phase_loss(pixels: NDArray[np.generic], phase: int, levels: int, span: float) -> DetailLoss:
    """Take the detail of one phase of tiles away; `span`: grey levels of the frame's range."""
    lost: list[LostDetail] = []
    counts: list[bool] = []
    for row, top in enumerate(range(0, pixels.shape[0], TILE)):
        for column, left in enumerate(range(0, pixels.shape[1], TILE)):
            if row % 2 * 2 + column % 2 != phase:
                continue
            box = Box(top, left, min(top + TILE, pixels.shape[0]), min(left + TILE, pixels.shape[1]))
            tile = pixels[box.slices]
            lost.append(LostDetail(box, from_planes(analyse(to_planes(tile), levels)[0]), levels))
            counts.append(float(to_planes(tile)[0].std()) > DETAIL_SPREAD * span)
    return DetailLoss(lost, counts)


def holes(pixels: NDArray[np.generic], side: int, rate: float, seed: int) -> Mask:
    """Choose squares to lose; True where lost. At most half of the squares with content."""
    rows, columns = pixels.shape[0] // side, pixels.shape[1] // side
    framed = np.pad(pixels.astype(np.float64), side, "edge")
    least = float(np.ptp(pixels)) * HOLE_SPREAD
    content = [
        (row, column)
        for row in range(rows)
        for column in range(columns)
        if framed[row * side : (row + 3) * side, column * side : (column + 3) * side].std() > least
    ]
    count = min(round(rate * rows * columns), len(content) // 2)
    lost = np.zeros(pixels.shape, np.bool_)
    for index in np.random.default_rng(seed).choice(len(content), count, replace=False):
        row, column = content[index]
        lost[row * side : (row + 1) * side, column * side : (column + 1) * side] = True
    return lost


def periodic(shape: tuple[int, ...]) -> Mask:
    """Lose every second 8 x 8 block of every second row of blocks: 1/4, as the literature does."""
    lost = np.zeros(shape, np.bool_)
    for top in range(8, shape[0] - 7, 16):
        for left in range(8, shape[1] - 7, 16):
            lost[top : top + 8, left : left + 8] = True
    return lost
