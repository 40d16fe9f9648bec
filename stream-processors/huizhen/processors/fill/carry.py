"""Carry the last exact frame's detail over to a tile whose low-pass is known, by expected error.

Theory. The previous frame's detail p at the place where the tile was (`motion`) is the wanted detail plus an error that
grows with the change of the scene, and the change can be seen: it is the difference of the two low-passes. Of p, the
model predicts s' from the previous low-pass; of the wanted detail it predicts s from the present one. The part of p
that it could not predict, d = p - s', is carried over by expected error:

    s + w d,    w = v / (v + c e),    v: local energy of d,    e: local energy of the low-passes' difference,

which keeps the detail where the scene stood still and fades to the prediction where it changed. c was measured on two
ultrasound loops; the gain is flat between 2 and 4.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill import model, motion
from huizhen.processors.fill.bands import Estimate, error_gains, level_rows, pack
from huizhen.processors.fill.lifting import Plane, analyse, to_planes
from huizhen.processors.fill.samples import Pixels
from huizhen.processors.fill.tile import Box

Field = NDArray[np.float32]

WINDOW = 7  # low-pass samples a side over which energies are averaged
CHANGE_COST = 3.0  # the c above
LEVEL_GAIN = 0.25  # a change of the low-pass is expected to be this much weaker, in energy, one level finer
FLOOR = 0.05  # energy that decides when nothing moves and nothing is there
PLANE_SHARE = (1.0, 0.23, 0.23)  # of a plane's mean square error in that of red, green and blue
STILL_CHANGE = 8.0  # change of the low-pass, per energy of the old detail, up to which no prediction is worth its time
MOVED = 0.25  # change of the luma's low-pass, per energy of its old detail, from which a search is worth its time


def carry_over(boxes: Sequence[Box], lows: Plane, levels: int, previous: Pixels) -> Estimate:
    """Estimate the coefficients of tiles of one shape from their low-passes and the whole previous frame.

    `lows`: (tiles, planes, rows, columns). Planes that are empty in both frames, as colour often is, are left out.
    """
    count, planes_each = lows.shape[:2]
    pixels = np.concatenate([to_planes(previous[box.slices]) for box in boxes])
    now = lows.reshape(count * planes_each, *lows.shape[2:])
    is_luma = np.arange(len(now)) % planes_each == 0
    chosen = np.flatnonzero(is_luma | pixels.any(axis=(1, 2)) | now.any(axis=(1, 2)))
    now, (then, old) = now[chosen], _analyse(pixels[chosen], levels)
    tiles, planes = np.divmod(chosen, planes_each)
    luma = np.flatnonzero(planes == 0)
    for index in luma:
        box = boxes[tiles[index]]
        displacement = motion.STILL
        if _is_worth_a_search(now[index], then[index], old[index]) and motion.seems_moved(now[index], then[index]):
            displacement = motion.find(now[index].astype(np.float32), previous, box, levels)
        if displacement != motion.STILL:
            own = np.flatnonzero(tiles == tiles[index])
            moved = to_planes(previous[displacement.move(box).slices])[planes[own]]
            then[own], old[own] = _analyse(moved, levels)
    shares = _estimate(luma, now, then, old, levels) * np.array(PLANE_SHARE, np.float32)[planes]
    return Estimate(chosen, old, np.bincount(tiles, shares, count).astype(np.float32))


def _analyse(planes: Plane, levels: int) -> tuple[Plane, Field]:
    low, details = analyse(planes, levels)
    return low, pack(details).astype(np.float32)


def _is_worth_a_search(low: Plane, then: Plane, old: Field) -> bool:
    change, detail = (low - then).ravel().astype(np.float32), old.ravel()
    return bool(change @ change > MOVED * (detail @ detail) / len(old))


def _estimate(luma: NDArray[np.intp], now: Plane, then: Plane, old: Field, levels: int) -> Field:
    """Turn the old coefficients, in place, into the estimate of the present ones; return each plane's square error."""
    changes = _local_mean(np.square(now - then, dtype=np.float32))
    if levels not in model.MODELS:
        return _weigh(old, changes, levels)
    whole = slice(None)
    tile, row, column = np.nonzero(changes[luma] > STILL_CHANGE * (_local_energy(old[luma], whole) + 1))
    at = (luma[tile], slice(None), row, column)
    predicted = _predict(now[luma], then[luma], (tile, row, column), levels)
    old[at] -= predicted[len(tile) :]
    squares = _weigh(old, changes, levels)
    old[at] += predicted[: len(tile)]
    return squares


def _predict(now: Plane, then: Plane, places: tuple[NDArray[np.intp], ...], levels: int) -> Field:
    """Predict the detail (2n, coefficients) now, then then, at n places (tile, row, column).

    Both by the structure there is now: what is to be subtracted of the old detail is what its own edge would have told.
    """
    tile, row, column = places
    seen = model.describe(model.around(model.margined(now), tile, row, column))
    before = model.features_of(model.around(model.margined(then), tile, row, column))
    both = model.Places(np.concatenate((seen.features, before)), np.tile(seen.classes, 2))
    return model.load(levels).predict(both)


def _weigh(old: Field, changes: Field, levels: int) -> Field:
    """Weigh the unpredicted old coefficients in place; return each plane's mean square pixel error left over."""
    gains = error_gains(levels)
    squares = np.zeros(len(old), np.float32)
    for level in range(levels):
        rows = level_rows(levels, level)
        weight = _local_energy(old, rows)
        cost = np.float32(CHANGE_COST * LEVEL_GAIN ** (levels - 1 - level)) * changes + np.float32(FLOOR)
        weight /= weight + cost
        old[:, rows] *= weight[:, None]
        squares += gains[rows].sum() * np.einsum("nrk,nrk->n", weight, cost)
    return squares / np.float32(changes[0].size)


def _local_energy(coefficients: Field, rows: slice) -> Field:
    """Average squares over the given coefficients and a window: (planes, rows, columns)."""
    part = coefficients[:, rows]
    return _local_mean(np.einsum("ncrk,ncrk->nrk", part, part) / np.float32(part.shape[1]))


def _local_mean(maps: Field) -> Field:
    mean = np.empty_like(maps)
    for source, target in zip(maps, mean, strict=True):
        cv2.blur(source, (WINDOW, WINDOW), target, borderType=cv2.BORDER_REFLECT)
    return mean
