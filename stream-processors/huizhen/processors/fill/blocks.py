"""Square holes of one size in a plane, filled in the order in which they are best surrounded."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill import bank
from huizhen.processors.fill.expected import ROUNDING, square_errors
from huizhen.processors.fill.guard import Guard, doubt, find_trials, weigh
from huizhen.processors.fill.plane import Mask, Plane, Squares
from huizhen.processors.fill.recall import Earlier, recall
from huizhen.processors.fill.ring import EDGES, RING, WHOLE, flat_insides, flat_rings
from huizhen.processors.fill.wave import Wave, forms

Field = NDArray[np.float32]
Indexes = NDArray[np.intp]

ENOUGH = 3  # known edges with which a square need not wait for its neighbours to be filled
ALIKE = 1.7  # square error of a mix over that of two estimates whose errors have nothing in common
HEAD_ROOM = np.float32(8)  # grey levels of 255 that a fill may leave the range of its evidence by


class Filled(NamedTuple):
    """Per square the root mean square error expected, in grey levels, and whether most of it is remembered."""

    errors: Field
    recalled: Mask


def fill_blocks(plane: Plane, squares: Squares) -> Filled:
    """Fill squares of one size in place.

    Squares may overlap known pixels, which are kept. Squares that touch nothing known stay unfilled and have an
    expected error of nan.
    """
    filled = Filled(np.full(len(squares), np.nan, np.float32), np.zeros(len(squares), np.bool_))
    guard, left = None, np.arange(len(squares))
    while left.size:
        patterns = known_edges(plane.known, squares.at(left))
        counts = _BITS[patterns]
        enough = min(int(counts.max()), ENOUGH)
        if enough == 0:
            break
        ready = counts >= enough
        at = left[ready]
        wave, guard = _look(plane, squares.at(at), patterns[ready], guard)
        filled.errors[at], filled.recalled[at] = _fill(plane, squares.at(at), wave, guard)
        left = left[~ready]
    return filled


def _look(plane: Plane, squares: Squares, patterns: Indexes, guard: Guard | None) -> tuple[Wave, Guard]:
    """Fit the rings of squares; the first time together with those of the trials that tell what the bank is worth."""
    if guard:
        return Wave.of(squares.side, patterns, _rings(plane, squares, patterns)), guard
    trials = find_trials(plane, squares)
    tops, lefts = np.concatenate((trials.tops, squares.tops)), np.concatenate((trials.lefts, squares.lefts))
    edges = np.concatenate((np.full(len(trials), WHOLE), patterns))
    wave = Wave.of(squares.side, edges, _rings(plane, Squares(squares.side, tops, lefts), edges))
    guard = weigh(plane, trials, wave.part(slice(len(trials))))
    return wave.part(slice(len(trials), None)), guard


def _rings(plane: Plane, squares: Squares, patterns: Indexes) -> Field:
    width = plane.values.shape[1]
    return plane.read(squares.first(width) + flat_rings(squares.side, width)[patterns])


class _Made(NamedTuple):
    """What squares are filled with, its mean square error expected, and the range of the evidence."""

    values: Field
    errors: Field
    low: Field
    high: Field


def _fill(plane: Plane, squares: Squares, wave: Wave, guard: Guard) -> Filled:
    """Fill squares as the guard says; all of them have known edges."""
    errors = square_errors(wave.predicted, guard.level)
    made = _Made(wave.values(guard.bank, guard.nearest), errors, wave.rings.min(axis=1), wave.rings.max(axis=1))
    recalled = np.zeros(len(squares), np.bool_)
    if plane.earlier:
        recalled = _remember(plane.earlier, squares, wave, guard, made)
    np.maximum(made.values, (made.low - HEAD_ROOM)[:, None], out=made.values)
    np.minimum(made.values, (made.high + HEAD_ROOM)[:, None], out=made.values)
    width = plane.values.shape[1]
    plane.write(squares.first(width) + flat_insides(squares.side, width)[wave.patterns], made.values)
    return Filled(np.sqrt(made.errors) * np.float32(plane.scale), recalled)


def _remember(earlier: Earlier, squares: Squares, wave: Wave, guard: Guard, made: _Made) -> Mask:
    """Mix what the previous frame shows into the fills by expected error; say which are mostly remembered."""
    side, width = squares.side, earlier.values.shape[1]
    first = squares.first(width) + earlier.origin
    ring_at, hole_at = (first + table(side, width)[wave.patterns] for table in (flat_rings, flat_insides))
    recalled = np.zeros(len(squares), np.bool_)
    for form, alike in forms(wave.patterns):
        operators = bank.operators_for(side, form)
        rings = wave.rings[alike, : operators.pixels]
        before, change = recall(earlier, ring_at[alike, : operators.pixels], hole_at[alike], rings)
        remembered = before + np.float32(guard.change) * bank.fill_isotropic(operators, change)
        doubts = doubt(change) * np.float32(guard.recall) + ROUNDING
        share = made.errors[alike] / (made.errors[alike] + doubts)
        mixed = np.where(change.any(axis=1), share, np.float32(1))  # a ring that did not change at all: a still hole
        made.values[alike] += mixed[:, None] * (remembered - made.values[alike])
        made.errors[alike] = share * doubts * np.float32(ALIKE)
        made.low[alike] = np.minimum(made.low[alike], before.min(axis=1))
        made.high[alike] = np.maximum(made.high[alike], before.max(axis=1))
        recalled[alike] = share > 0.5
    return recalled


def known_edges(known: Mask, squares: Squares) -> Indexes:
    """Give the pattern of wholly known edges of each square."""
    (rows, columns), apart = known.shape, squares.side + RING
    at = squares.first(columns) + flat_rings(squares.side, columns)[WHOLE]
    words = known.reshape(-1).take(at, mode="clip").view(np.uint64)  # eight pixels each
    edges = np.bitwise_and.reduce(words.reshape(len(at), EDGES, -1), axis=2).T == _KNOWN
    edges[0] &= squares.tops >= RING
    edges[1] &= squares.tops <= rows - apart
    edges[2] &= squares.lefts >= RING
    edges[3] &= squares.lefts <= columns - apart
    return np.asarray(_EDGE_BITS @ edges, np.intp)


_EDGE_BITS = 1 << np.arange(EDGES)
_BITS = np.array([bin(pattern).count("1") for pattern in range(1 << EDGES)])
_KNOWN = np.frombuffer(b"\x01" * 8, np.uint64)[0]
