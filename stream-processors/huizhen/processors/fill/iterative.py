"""Fill by going round the constraint sets, step by step: `fill(..., method="iterative")`.

Slow, and no better than the closed forms: it shows what they are the limit of. A square hole lies in "agrees with the
ring" and "smooth as the likeliest model of the bank says"; a tile that lost its detail in "has this low-pass", "is near
the last exact frame, moved by what the low-pass shows" and "in the sample range". Deep and ragged holes are relaxed
iteratively anyway (`plate`).
"""

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill import bank, solver
from huizhen.processors.fill.blocks import known_edges
from huizhen.processors.fill.correlation import bank as models
from huizhen.processors.fill.lifting import Plane as Planes
from huizhen.processors.fill.lifting import analyse, from_planes, to_planes, zero_detail
from huizhen.processors.fill.plane import Plane, Squares
from huizhen.processors.fill.ring import RING, Places, form_of, ring
from huizhen.processors.fill.samples import Pixels, SampleFormat
from huizhen.processors.fill.tile import LostDetail

Picture = NDArray[np.float64]

SETTLED = 1e-3  # grey levels a round may still move a pixel by
TILE_ROUNDS = 50  # sets of whole numbers are not met exactly: rounding keeps moving single samples
LOOSE = 2.0  # how many times the change of its zero-detail picture a pixel may leave the last frame by


def relax_squares(plane: Plane, squares: Squares) -> None:
    """Fill squares whose edges are known, one by one, in place; the order and the rest are those of `blocks`."""
    for index in range(len(squares)):
        one = squares.at(np.array([index]))
        pattern = int(known_edges(plane.known, one)[0])
        if pattern:
            _relax_square(plane, one, pattern)


def _relax_square(plane: Plane, square: Squares, pattern: int) -> None:
    side, around = square.side, ring(square.side, pattern)
    seen = plane.gather(square, around)
    form, _ = form_of(pattern)
    model = models()[bank.likeliest(bank.operators_for(side, form), seen[0])]
    window = (side + 2 * RING, side + 2 * RING)
    values, known = np.full(window, float(seen.mean())), np.zeros(window, np.bool_)
    values[around.rows + RING, around.columns + RING] = seen[0]
    known[around.rows + RING, around.columns + RING] = True
    sets = [solver.correlated(model, window), solver.known_pixels(values, known)]
    relaxed, _ = solver.alternate(values, sets, tolerance=SETTLED)
    rows, columns = np.divmod(np.arange(side * side), side)
    hole = relaxed[RING:-RING, RING:-RING].reshape(1, -1)
    plane.put(square, Places(rows, columns), hole.astype(np.float32))


def relax_tile(tile: LostDetail, samples: SampleFormat, previous: Pixels | None) -> tuple[Pixels, int]:
    """Fill a tile that lost its detail; return its pixels and how many samples had to be clipped at the end."""
    lows = to_planes(tile.low)
    before = [None] * len(lows) if previous is None else list(to_planes(previous[tile.box.slices]))
    limits = (samples.low, samples.high) if samples.channels == 1 else (-np.inf, np.inf)
    planes = [_relax_plane(low, tile, limits, old) for low, old in zip(lows, before, strict=True)]
    return samples.clip(from_planes(np.rint(np.stack(planes)).astype(np.int32)))


def _relax_plane(low: Planes, tile: LostDetail, limits: tuple[float, float], before: Planes | None) -> Picture:
    """Relax one plane; the low-pass comes last, so it holds."""
    shape, levels = tile.box.shape, tile.discard
    start = zero_detail(low[None], *shape, levels)[0].astype(np.float64)
    whole = (slice(0, shape[0]), slice(0, shape[1]))
    sets = [solver.sample_range(*limits), solver.low_pass(low, levels, whole)]
    if before is not None:
        then, _ = analyse(before[None], levels)
        change = start - zero_detail(then, *shape, levels)[0]
        start = before + change
        sets.insert(0, solver.near(start, LOOSE * np.abs(change) + 0.5))
    relaxed, _ = solver.alternate(start, sets, TILE_ROUNDS, SETTLED)
    return relaxed
