"""Predict detail from the low-pass around it: a bank of linear operators, chosen by the direction of the structure.

Theory. Along an edge the low-pass tells much of the missing detail; the operator that reads it depends on the edge's
direction and on how clear that direction is. So each place is put into one of 17 classes (flat, or 8 directions × 2
degrees of clarity, from the structure tensor of the low-pass), and each class has one linear operator from the 5×5
low-pass samples around the place, less their centre, to the detail coefficients of the place (see `bands`). The
operators were fitted on seven named frames in all eight orientations (`benchmarks/filling/train_detail.py`); the fit
weighs each place by its contrast, so that they do not depend on the brightness or the depth of a picture.

What a frame shows of itself is better still: on its true pixels the wanted answer is known, so a linear correction, the
same for all classes, is fitted to what the bank leaves unexplained there (ridge regression, a few thousand places).
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Field = NDArray[np.float32]
Indexes = NDArray[np.intp]

REACH = 2  # low-pass samples around a place that its operator reads
SIDE = 2 * REACH + 1
DIRECTIONS = 8
CLARITY = (0.4, 0.75)  # coherence from which a direction counts, and from which it is clear
RIDGE = 0.01  # of the mean feature energy: enough to keep a correction from few places small
EXAMPLES_MIN = 250  # places, ten per unknown: fewer teach noise
FOLDS = 4
LOST_MORE = 1.2  # square error of a lost tile over that of the true ones that taught; 9 of 10 are within a factor of 2
MODELS = (1, 2)  # levels there are operators for: 1/2 and 1/4 size are what the wire sends


@dataclass(frozen=True, slots=True)
class Places:
    """What is known of n places: `features` (n, 25) and `classes` (n,)."""

    features: Field
    classes: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class DetailModel:
    """Operators (classes, 25, coefficients), and per class the mean square pixel error left per feature energy."""

    operators: Field
    error_ratio: Field

    def predict(self, places: Places, correction: Field | None = None) -> Field:
        """Give the expected coefficients (n, coefficients)."""
        order = np.argsort(places.classes, kind="stable")
        ends = np.cumsum(np.bincount(places.classes, minlength=len(self.operators)))
        features = places.features[order]
        ordered = np.empty((len(order), self.operators.shape[2]), np.float32)
        for operator, start, end in zip(self.operators, [0, *ends[:-1]], ends, strict=True):
            if end > start:
                np.matmul(features[start:end], operator, out=ordered[start:end])
        predicted = np.empty_like(ordered)
        predicted[order] = ordered
        if correction is not None:
            predicted += places.features @ correction
        return predicted

    def expected_square(self, places: Places) -> Field:
        """Give the mean square pixel error expected at each place (n,)."""
        energy = np.einsum("nf,nf->n", places.features, places.features) / np.float32(SIDE * SIDE - 1)
        return np.asarray(energy * self.error_ratio[places.classes], np.float32)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a frame taught: a correction (25, coefficients) of every class's operator.

    `error_scale`: mean square pixel error left on the examples, relative to the one the model expects.
    """

    correction: Field
    error_scale: float


def margined(lows: NDArray[np.int32]) -> Field:
    """Give low-passes (maps, rows, columns) a mirrored margin of REACH on each side."""
    rows, columns = lows.shape[1:]
    border = cv2.BORDER_REFLECT_101 if min(rows, columns) > REACH else cv2.BORDER_REPLICATE
    framed = np.empty((len(lows), rows + 2 * REACH, columns + 2 * REACH), np.float32)
    for low, target in zip(lows.astype(np.float32), framed, strict=True):
        cv2.copyMakeBorder(low, REACH, REACH, REACH, REACH, border, target)
    return framed


def around(framed: Field, tile: Indexes, row: Indexes, column: Indexes) -> Field:
    """Gather the 5×5 samples around n places of `margined` low-passes: (n, 25)."""
    _, rows, columns = framed.shape
    first = (tile * rows + row) * columns + column
    offsets = (np.arange(SIDE)[:, None] * columns + np.arange(SIDE)).ravel()
    return np.asarray(np.take(framed.ravel(), first[:, None] + offsets), np.float32)


def around_all(framed: Field) -> Field:
    """Gather the 5×5 samples around every place: (maps, rows, columns, 25)."""
    views = sliding_window_view(framed, (SIDE, SIDE), axis=(1, 2))
    return np.asarray(views.reshape(*views.shape[:3], SIDE * SIDE))


def features_of(around: Field) -> Field:
    """Take the centre away from the samples around places: (n, 25)."""
    samples = around.reshape(-1, SIDE * SIDE)
    return samples - samples[:, SIDE * SIDE // 2, None]


def describe(around: Field) -> Places:
    """Describe places by the 25 low-pass samples around them; all but the last axis are places."""
    features = features_of(around)
    slopes = features @ _SLOPES
    across, down = slopes[:, :9], slopes[:, 9:]
    xx, yy, xy = (np.einsum("nf,nf->n", a, b) for a, b in ((across, across), (down, down), (across, down)))
    difference = xx - yy
    coherence = np.sqrt(difference * difference + 4 * xy * xy) / (xx + yy + 1e-6)
    turn = np.arctan2(2 * xy, difference) * np.float32(DIRECTIONS / (2 * np.pi)) + np.float32(DIRECTIONS / 2 + 0.5)
    direction = turn.astype(np.int16) % DIRECTIONS
    clear = (coherence >= CLARITY[0]).astype(np.int16) + (coherence >= CLARITY[1])
    return Places(features, np.where(clear > 0, 1 + direction + DIRECTIONS * (clear - 1), 0))


@dataclass(frozen=True, slots=True)
class Examples:
    """Places of true tiles and their true coefficients (n, coefficients).

    `weight` (n,): how many places each stands for; `folds` (n,): which of FOLDS parts of the picture it is from.
    """

    places: Places
    wanted: Field
    weight: Field
    folds: NDArray[np.intp]


def learn(model: DetailModel, examples: Examples, gains: Field) -> Lesson:
    """Fit a correction that explains the examples better than the bank alone; `gains` are `bands.error_gains`.

    What the other folds teach is tried on each, and the correction is shrunk by what it is worth there.
    """
    places, wanted, weight = examples.places, examples.wanted, examples.weight
    if places.classes.size < EXAMPLES_MIN:
        return Lesson(np.zeros(model.operators.shape[1:], np.float32), 1.0)
    left = wanted - model.predict(places)
    weighted = places.features * weight[:, None]
    parts = [np.flatnonzero(examples.folds == fold) for fold in range(FOLDS)]
    grams = np.stack([weighted[part].T @ places.features[part] for part in parts])
    crosses = np.stack([weighted[part].T @ left[part] for part in parts])
    gram, cross = grams.sum(axis=0), crosses.sum(axis=0)
    ridge = (RIDGE * np.trace(gram) / len(gram) + 1e-3) * np.eye(len(gram), dtype=np.float32)
    tried = np.linalg.solve(gram - grams + ridge, cross - crosses)
    worth = float(np.sum(tried * crosses)) / max(float(np.sum(tried * (grams @ tried))), 1e-6)
    correction = np.asarray(np.linalg.solve(gram + ridge, cross) * np.clip(worth, 0, 1), np.float32)
    left -= places.features @ correction
    return Lesson(
        correction, _error_scale(weight * (np.square(left) @ gains), weight * model.expected_square(places), parts)
    )


def _error_scale(true: Field, expected: Field, parts: list[Indexes]) -> float:
    """Say how far expected square errors are off in the typical part: the mean would be ruled by the worst one."""
    sums = np.array([(true[part].sum(), expected[part].sum()) for part in parts if part.size]) + 1e-6
    return LOST_MORE * float(np.exp(np.log(sums[:, 0] / sums[:, 1]).mean()))


def _slopes() -> Field:
    """Sobel slopes at the 9 inner samples of a window, across then down: (25, 18)."""
    smooth, difference = np.array([1, 2, 1]) / 4, np.array([-1, 0, 1]) / 2
    kernels = np.zeros((2, 3, 3, SIDE, SIDE), np.float32)
    for y in range(3):
        for x in range(3):
            kernels[0, y, x, y : y + 3, x : x + 3] = np.outer(smooth, difference)
            kernels[1, y, x, y : y + 3, x : x + 3] = np.outer(difference, smooth)
    return np.ascontiguousarray(kernels.reshape(18, SIDE * SIDE).T)


_SLOPES = _slopes()


@cache
def load(levels: int) -> DetailModel:
    """Load the operators for 1/2**levels size (1 or 2)."""
    data = files("huizhen.processors.fill").joinpath("detail_model.npz").read_bytes()
    with np.load(BytesIO(data), allow_pickle=False) as arrays:
        return DetailModel(arrays[f"operators_{levels}"], arrays[f"error_ratio_{levels}"])
