"""Fit `detail_model.npz`: `python -m benchmarks.filling.train_detail [--without NAME] [--out FILE]`, half a minute.

Every tuning frame enters in its eight orientations, so that the model prefers none; each place is weighted by its
contrast, so that no frame's depth does.
"""

import argparse
from pathlib import Path

import numpy as np
from benchmarks.filling.frames import TUNING
from numpy.typing import NDArray

from huizhen.processors.fill import model as detail_model
from huizhen.processors.fill.bands import coefficients, error_gains, pack
from huizhen.processors.fill.lifting import analyse

TARGET = Path(detail_model.__file__).with_name("detail_model.npz")
CLASSES = 1 + detail_model.DIRECTIONS * len(detail_model.CLARITY)
FEATURES = detail_model.SIDE**2
EDGE = 2  # blocks left out at the border, where the transform mirrors


def orientations(pixels: NDArray[np.int32], levels: int) -> list[NDArray[np.int32]]:
    """All eight, cut so that flipping keeps the sampling grid."""
    block = 1 << levels
    rows, columns = ((side - 1) // block * block + 1 for side in pixels.shape)
    cut = pixels[:rows, :columns]
    flips = [cut, cut[::-1], cut[:, ::-1], cut[::-1, ::-1]]
    return [np.ascontiguousarray(f) for f in [*flips, *(f.T for f in flips)]]


def examples(pixels: NDArray[np.int32], levels: int) -> tuple[detail_model.Places, NDArray[np.float32]]:
    """Places and their true coefficients, without the border."""
    low, details = analyse(pixels[None], levels)
    wanted = pack(details)[0, :, EDGE:-EDGE, EDGE:-EDGE]
    places = detail_model.describe(detail_model.around_all(low.astype(np.float32)))
    return places, wanted.reshape(len(wanted), -1).T.astype(np.float32)


def fit(levels: int, names: list[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit the operators and their error ratios on the named frames."""
    gram = np.zeros((CLASSES, FEATURES, FEATURES))
    cross = np.zeros((CLASSES, FEATURES, coefficients(levels)))
    square, count = np.zeros((CLASSES, coefficients(levels))), np.zeros(CLASSES)
    for name in names:
        frame = TUNING[name]()
        noise = (frame.scale * 255 / 200) ** 2
        for pixels in orientations(frame.pixels, levels):
            places, wanted = examples(pixels, levels)
            weight = 1 / np.sqrt(np.square(places.features).sum(axis=1) / (FEATURES - 1) + noise)
            for index in range(CLASSES):
                of = places.classes == index
                inputs, outputs = places.features[of] * weight[of, None], wanted[of] * weight[of, None]
                gram[index] += inputs.T @ inputs
                cross[index] += inputs.T @ outputs
                square[index] += np.square(outputs).sum(axis=0)
                count[index] += np.square(inputs).sum() / (FEATURES - 1)
    ridge = 1e-3 * np.trace(gram, axis1=1, axis2=2)[:, None, None] / FEATURES * np.eye(FEATURES)
    operators = np.linalg.solve(gram + ridge, cross)
    left = square - 2 * np.einsum("cfo,cfo->co", operators, cross)
    left += np.einsum("cfo,cfg,cgo->co", operators, gram, operators, optimize=True)
    ratio = (left * error_gains(levels)).sum(axis=1) / count
    return operators.astype(np.float32), ratio.astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without", default="", help="tuning frame to leave out, for cross-checks")
    parser.add_argument("--out", type=Path, default=TARGET)
    given = parser.parse_args()
    names = [name for name in TUNING if name != given.without]
    arrays = {}
    for levels in detail_model.MODELS:
        arrays[f"operators_{levels}"], arrays[f"error_ratio_{levels}"] = fit(levels, names)
    np.savez_compressed(given.out, allow_pickle=False, **arrays)


if __name__ == "__main__":
    main()
