"""The grid of square tiles that a frame was cut into."""

from dataclasses import dataclass

import numpy as np

from huizhen.processors.fill.lifting import Plane, band_shape, to_planes
from huizhen.processors.fill.samples import Pixels
from huizhen.processors.fill.tile import Box

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Grid:
    """Tiles of `side` pixels over a frame of `rows` × `columns`, cut off at its end; a place is (row, column)."""

    side: int
    rows: int
    columns: int

    def holds(self, box: Box) -> bool:
        """Say whether the box is one tile of the grid."""
        return box == self.box(self.place(box))

    def place(self, box: Box) -> Place:
        """Give the place of the tile that holds the box's first pixel."""
        return box.top // self.side, box.left // self.side

    def box(self, place: Place) -> Box:
        """Give the tile at a place."""
        top, left = place[0] * self.side, place[1] * self.side
        return Box(top, left, min(top + self.side, self.rows), min(left + self.side, self.columns))

    def touching(self, place: Place) -> list[Place]:
        """Give the places inside the frame that touch one, corners included."""
        last_row, last_column = (self.rows - 1) // self.side, (self.columns - 1) // self.side
        rows = range(max(place[0] - 1, 0), min(place[0] + 1, last_row) + 1)
        columns = range(max(place[1] - 1, 0), min(place[1] + 1, last_column) + 1)
        return [(row, column) for row in rows for column in columns if (row, column) != place]

    def luma(self, frame: Pixels, place: Place) -> Plane:
        """Cut the luma of a tile, (side, side); one that the frame cuts off is mirrored, as its coder does."""
        luma = to_planes(frame[self.box(place).slices])[0]
        down, right = self.side - luma.shape[0], self.side - luma.shape[1]
        return np.pad(luma, ((0, down), (0, right)), "reflect") if down or right else luma

    def low_slices(self, place: Place, levels: int) -> tuple[slice, slice]:
        """Index a tile in the low-pass of the whole frame."""
        box = self.box(place)
        rows, columns = band_shape(*box.shape, levels)
        top, left = box.top >> levels, box.left >> levels
        return slice(top, top + rows), slice(left, left + columns)
