"""Holes too deep for the bank: filled at half size first, then fitted to their rim.

Half the size brings the middle of a hole nearer to what is known, and its rim tells of larger structures. The fill of
the half-size picture, twice enlarged, is off at the rim by what half the size cannot show; this difference is spread
inwards as a membrane and added.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Mask = NDArray[np.bool_]

ONE_OF_FOUR = 0.25
RIM = 4  # pixels around a hole at which the enlarged fill is compared with the truth


def halve(values: NDArray[np.generic], known: Mask, least: float = 0.5) -> tuple[Field, Mask]:
    """Halve a plane: means of the known pixels of every 2 × 2; known where at least the share `least` of them is."""
    rows, columns = values.shape
    size = (-(-columns // 2), -(-rows // 2))
    ends = (0, rows % 2, 0, columns % 2)
    weight = cv2.copyMakeBorder(known.astype(np.float32), *ends, cv2.BORDER_REPLICATE)
    weighted = cv2.copyMakeBorder(np.where(known, values, 0).astype(np.float32), *ends, cv2.BORDER_REPLICATE)
    share = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA)
    return np.asarray(total / np.maximum(share, ONE_OF_FOUR), np.float32), np.asarray(share >= least)


def double(half: Field, shape: tuple[int, int]) -> Field:
    """Enlarge a plane to `shape`, which is twice its size or one less."""
    doubled = cv2.resize(half, (2 * half.shape[1], 2 * half.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(doubled[: shape[0], : shape[1]], np.float32)


def membrane(values: Field, known: Mask) -> Field:
    """Spread the known values smoothly over the rest, nearest ones first: averages at ever coarser sizes."""
    if known.all():
        return values
    if not known.any():
        return np.zeros_like(values)
    half, half_known = halve(values, known, ONE_OF_FOUR)
    coarse = double(membrane(half, half_known), values.shape)
    filled = np.where(known, values, coarse)
    for _ in range(2):
        filled = np.where(known, values, cv2.blur(filled, (3, 3), borderType=cv2.BORDER_REFLECT_101))
    return np.asarray(filled, np.float32)


def rim(hole: Mask, known: Mask) -> Mask:
    """Give the known pixels within RIM pixels of a hole."""
    kernel = np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)
    return np.asarray(cv2.dilate(hole.astype(np.uint8), kernel).astype(np.bool_) & known)


def fit_to_rim(enlarged: Field, values: Field, known: Mask, hole: Mask) -> Field:
    """Correct the enlarged fill of `hole` so that it meets the known pixels around it."""
    around = rim(hole, known)
    difference = membrane(np.where(around, values - enlarged, np.float32(0)), around)
    return np.asarray(enlarged + difference, np.float32)
