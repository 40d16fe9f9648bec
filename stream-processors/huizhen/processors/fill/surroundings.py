"""What the present frame's true tiles say about the tiles beside them that lost their detail.

The true tiles that touch lost ones are transformed as the coder would. That gives the lost tiles' low-passes a true
margin, and every place of a true tile is an example: its low-pass and its wanted coefficients are both known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill import model
from huizhen.processors.fill.bands import pack
from huizhen.processors.fill.grid import Grid
from huizhen.processors.fill.lifting import Plane, analyse, band_shape
from huizhen.processors.fill.samples import Pixels
from huizhen.processors.fill.tile import Box

Field = NDArray[np.float32]

EXAMPLES_MAX = 2048  # places that teach; more cost time and add next to nothing


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Per lost tile the low-pass around its places (rows, columns, 25), and the examples of the true tiles."""

    around: list[Field]
    examples: model.Examples


def look(frame: Pixels, boxes: Sequence[Box], lows: Sequence[Plane], levels: int) -> Surroundings | None:
    """Look around all lost tiles of a frame; `lows` are their luma low-passes after `levels` halvings.

    None if they lie on no common grid, or no true tile touches them.
    """
    side = 1 << (max(max(box.shape) for box in boxes) - 1).bit_length()
    grid = Grid(side, frame.shape[0], frame.shape[1])
    lost = [grid.place(box) for box in boxes]
    true = sorted({near for place in lost for near in grid.touching(place)} - set(lost))
    if not true or not all(grid.holds(box) for box in boxes):
        return None
    true_lows, details = analyse(np.stack([grid.luma(frame, place) for place in true]), levels)
    low_map = np.zeros(band_shape(frame.shape[0], frame.shape[1], levels), np.int32)
    for place, low in zip([*true, *lost], [*true_lows, *lows], strict=True):
        target = low_map[grid.low_slices(place, levels)]
        target[...] = low[: target.shape[0], : target.shape[1]]
    framed = model.margined(low_map[None])
    tile_of = np.full(low_map.shape, -1, np.intp)
    for index, place in enumerate(true):
        tile_of[grid.low_slices(place, levels)] = index
    row, column, weight = _choose(tile_of >= 0, low_map)
    tile, inside = tile_of[row, column], side >> levels
    wanted = pack(details)[tile, :, row % inside, column % inside].astype(np.float32)
    places = model.describe(model.around(framed, np.zeros_like(row), row, column))
    around = [model.around_all(_cut(framed, grid.low_slices(place, levels)))[0] for place in lost]
    return Surroundings(around, model.Examples(places, wanted, weight, tile % model.FOLDS))


def _cut(framed: Field, place: tuple[slice, slice]) -> Field:
    """Cut one tile with its margin."""
    rows, columns = place
    return framed[:, rows.start : rows.stop + 2 * model.REACH, columns.start : columns.stop + 2 * model.REACH]


def _choose(known: NDArray[np.bool_], low_map: Plane) -> tuple[NDArray[np.intp], NDArray[np.intp], Field]:
    """Choose known places, EXAMPLES_MAX at most: half of most contrast, half evenly of the others.

    Gives their rows, columns and how many places each stands for.
    """
    chosen = np.flatnonzero(known)
    weight = np.ones(chosen.size, np.float32)
    if chosen.size > EXAMPLES_MAX:
        contrast = np.abs(cv2.Laplacian(low_map.astype(np.float32), cv2.CV_32F)).ravel()[chosen]
        strong = contrast > _quantile(contrast, 1 - EXAMPLES_MAX / 2 / chosen.size)
        sharp, flat = chosen[strong], chosen[~strong]
        sharp_step, flat_step = (max(-(-part.size // (EXAMPLES_MAX // 2)), 1) for part in (sharp, flat))
        chosen = np.concatenate((sharp[::sharp_step], flat[::flat_step]))
        weight = np.full(chosen.size, flat_step, np.float32)
        weight[: len(sharp[::sharp_step])] = sharp_step
    row, column = np.unravel_index(chosen, known.shape)
    return row, column, weight


def _quantile(values: Field, part: float) -> float:
    """Give a quantile of a regular sample of the values: near enough to choose examples by, and five times faster."""
    sample = values[:: max(values.size // 1024, 1)]
    return float(np.partition(sample, int(part * sample.size))[int(part * sample.size)])
