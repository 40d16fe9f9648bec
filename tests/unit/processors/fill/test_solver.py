"""The closed forms are the limits of the alternating projections."""

import numpy as np
import pytest

from huizhen.processors.fill import solver
from huizhen.processors.fill.bank import kriging
from huizhen.processors.fill.correlation import NUGGET, bank
from huizhen.processors.fill.lifting import analyse
from huizhen.processors.fill.ring import RING, inside, ring


@pytest.mark.parametrize("index", [0, 5, 12])
@pytest.mark.parametrize("pattern", [15, 7, 1])
def test_iteration_ends_at_the_closed_form(index: int, pattern: int) -> None:
    model, side = bank()[index], 8
    places, hole = ring(side, pattern), inside(side, pattern)
    window = (side + 2 * RING, side + 2 * RING)
    values = np.random.default_rng(1).normal(100, 20, window)
    known = np.zeros(window, np.bool_)
    known[places.rows + RING, places.columns + RING] = True
    apart = (np.subtract.outer(axis, axis).astype(float) for axis in places)
    across = (np.subtract.outer(a, b).astype(float) for a, b in zip(hole, places, strict=True))
    operator = kriging(model.between(*across), model.between(*apart) + NUGGET * np.eye(len(places.rows)))
    seen = values[places.rows + RING, places.columns + RING]
    start = np.where(known, values, seen.mean())
    sets = [solver.correlated(model, window), solver.known_pixels(values, known)]
    relaxed, rounds = solver.alternate(start, sets)
    assert rounds < solver.STEPS_MAX
    assert np.abs(relaxed[hole.rows + RING, hole.columns + RING] - operator @ seen).max() < 0.01


def test_low_pass_and_range_are_met_together() -> None:
    truth = np.kron(np.random.default_rng(2).integers(0, 2, (8, 8)) * 255, np.ones((4, 4), int)).astype(np.int32)
    low, _ = analyse(truth[None], 1)
    sets = [solver.sample_range(0, 255), solver.low_pass(low[0], 1, (slice(0, 32), slice(0, 32)))]
    start = sets[1](np.full((32, 32), 128.0))
    relaxed, _ = solver.alternate(start, sets, steps=200)
    again, _ = analyse(np.rint(relaxed).astype(np.int32)[None], 1)
    assert np.array_equal(again, low)
    outside = [np.clip(-p, 0, None).sum() + np.clip(p - 255, 0, None).sum() for p in (start, relaxed)]
    assert outside[1] < 0.5 * outside[0]
