"""Find where a tile was in the previous frame, by its low-pass alone.

The tile's low-pass is compared with the previous frame's pixels under the same low-pass filter at every pixel, first in
steps of a low-pass sample, then halving the step down to one pixel. Standing still is preferred: a displacement must
explain clearly more than none does.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill.lifting import to_planes
from huizhen.processors.fill.samples import Pixels
from huizhen.processors.fill.tile import Box

Field = NDArray[np.float32]

SEARCH = 3  # low-pass samples each way: 12 pixels at 1/4 size, more than a probe moves between frames
HINT = 0.8  # part of the difference that a displacement seen at the low-pass's own scale must leave at most
PREFER_STILL = 0.7  # a displacement must bring the difference below this part of the one without
LOW_PASS = np.array([-1, 2, 6, 2, -1], np.float32) / 8  # analysis low-pass of the 5/3 wavelet


class Displacement(NamedTuple):
    """Where the tile was, relative to where it is: rows down, columns right, in pixels."""

    down: int
    right: int

    def move(self, box: Box) -> Box:
        """Displace a box."""
        return Box(box.top + self.down, box.left + self.right, box.bottom + self.down, box.right + self.right)


STILL = Displacement(0, 0)


def search_margin(discard: int) -> int:
    """Pixels around a tile that the search may read: its range, and the filter's reach."""
    return (SEARCH + 1 + 2) << discard


def smooth(pixels: Field, discard: int) -> Field:
    """Apply the low-pass filter of `discard` halvings at every pixel, without decimation."""
    for level in range(discard):
        taps = np.zeros(4 * (1 << level) + 1, np.float32)
        taps[:: 1 << level] = LOW_PASS
        filtered = cv2.sepFilter2D(pixels, cv2.CV_32F, taps, taps, borderType=cv2.BORDER_REFLECT_101)
        pixels = np.asarray(filtered, np.float32)
    return pixels


def seems_moved(low: NDArray[np.integer], then: NDArray[np.integer]) -> bool:
    """Say whether a search could find anything, from the luma's low-pass now and then at the tile's own place.

    Whole samples are tried by one template match; a part of one shows in the slopes (Lucas and Kanade's step).
    """
    if min(low.shape) <= 4 * SEARCH:
        return True
    before, inner = then.astype(np.float32), low[SEARCH:-SEARCH, SEARCH:-SEARCH].astype(np.float32)
    scores = cv2.matchTemplate(before, inner, cv2.TM_SQDIFF)
    still = float(scores[SEARCH, SEARCH])
    if float(scores.min()) < HINT * still:
        return True
    middle, last = slice(SEARCH, -SEARCH), slice(SEARCH + 1, 1 - SEARCH)
    first = slice(SEARCH - 1, -1 - SEARCH)
    slopes = np.stack(((before[last, middle] - before[first, middle]), (before[middle, last] - before[middle, first])))
    slopes = slopes.reshape(2, -1) / 2
    change = slopes @ (inner - before[middle, middle]).reshape(-1)
    (down, mixed), (_, right) = slopes @ slopes.T
    volume = max(float(down * right - mixed * mixed), 1e-6)
    explained = (right * change[0] ** 2 - 2 * mixed * change[0] * change[1] + down * change[1] ** 2) / volume
    return still - float(explained) < HINT * still


def find(low: Field, previous: Pixels, box: Box, discard: int) -> Displacement:
    """Find the displacement of the tile at `box` whose luma low-pass is `low` in the whole previous frame."""
    margin = search_margin(discard)
    top, left = max(box.top - margin, 0), max(box.left - margin, 0)
    window = to_planes(previous[top : box.bottom + margin, left : box.right + margin])[0]
    smoothed = smooth(window.astype(np.float32), discard)
    step = 1 << discard
    area = _Area(smoothed, window.shape[0] - box.shape[0], window.shape[1] - box.shape[1])
    row, column = box.top - top, box.left - left
    here = area.difference(low, row, column, step)
    if here == 0:
        return STILL
    best, found = _refine(low, area, _coarse(low, area, row, column, step), step)
    return Displacement(found[0] - row, found[1] - column) if best < PREFER_STILL * here else STILL


class _Area(NamedTuple):
    """The smoothed window, and the last row and column at which the whole tile fits into it."""

    smoothed: Field
    last_row: int
    last_column: int

    def difference(self, low: Field, row: int, column: int, step: int) -> float:
        """Sum the squares between the low-pass and the picture sampled from (row, column); inf where outside."""
        if not (0 <= row <= self.last_row and 0 <= column <= self.last_column):
            return float("inf")
        sampled = self.smoothed[row : row + low.shape[0] * step : step, column : column + low.shape[1] * step : step]
        difference = (sampled - low).ravel()
        return float(difference @ difference)


def _coarse(low: Field, area: _Area, row: int, column: int, step: int) -> tuple[int, int]:
    """Search in steps of a low-pass sample with one template match."""
    first_row, first_column = max(row - SEARCH * step, row % step), max(column - SEARCH * step, column % step)
    last_row, last_column = min(row + SEARCH * step, area.last_row), min(column + SEARCH * step, area.last_column)
    rows = slice(first_row, last_row + (low.shape[0] - 1) * step + 1, step)
    columns = slice(first_column, last_column + (low.shape[1] - 1) * step + 1, step)
    scores = cv2.matchTemplate(np.ascontiguousarray(area.smoothed[rows, columns]), low, cv2.TM_SQDIFF)
    down, right = np.unravel_index(int(scores.argmin()), scores.shape)
    return first_row + int(down) * step, first_column + int(right) * step


def _refine(low: Field, area: _Area, at: tuple[int, int], step: int) -> tuple[float, tuple[int, int]]:
    best, centre = area.difference(low, *at, step), at
    reach = step // 2
    while reach:
        around = [(centre[0] + y, centre[1] + x) for y in (-reach, 0, reach) for x in (-reach, 0, reach)]
        scores = {place: area.difference(low, *place, step) for place in around if place != centre}
        nearest = min(scores, key=lambda place: scores[place])
        if scores[nearest] < best:
            best, centre = scores[nearest], nearest
        reach //= 2
    return best, centre
