"""A 12-bit angiography phantom: vessels that fill with contrast, a catheter that moves, and noise over both.

No cine run of a real angiograph can be redistributed, so this stands for one: MONOCHROME2, contrast dark, values
within 12 bits. Everything follows from the seed: frame n is the same array whenever it is drawn.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

BITS = 12
GROUND = 2600.0  # mean of soft tissue
NOISE_FIELDS = 8  # drawn once; frames take one of them, shifted: a new draw would cost more than all the rest
BRANCHES = 6
BOLUS_S = 3.0  # contrast runs through in this time, then again
BEAT_HZ = 1.2


@dataclass(frozen=True, slots=True)
class Phantom:
    """The parts of the picture that are drawn once."""

    ground: NDArray[np.float32]
    """Tissue without contrast, (rows, columns)"""
    depth: NDArray[np.float32]
    """How much a filled vessel takes away, (rows, columns)"""
    arrival: NDArray[np.float32]
    """When contrast arrives, as a fraction of the run, (rows, columns)"""
    noise: NDArray[np.float32]
    """(NOISE_FIELDS, rows, columns)"""


def make_phantom(rows: int, columns: int, seed: int) -> Phantom:
    """Draw the still parts."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    y, x = y / rows, x / columns
    ground = (
        np.float32(GROUND) + 500 * np.sin(3.1 * x + 0.7) * np.cos(2.3 * y) - 900 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
    )
    depth = np.zeros((rows, columns), np.float32)
    arrival = np.ones((rows, columns), np.float32)
    for branch in range(BRANCHES):
        _draw_vessel(rng, branch, depth, arrival)
    noise = rng.normal(0, 45, (NOISE_FIELDS, rows, columns)).astype(np.float32)
    soft = np.asarray(cv2.GaussianBlur(depth, (0, 0), 1.2), np.float32)
    return Phantom(ground.astype(np.float32), soft, arrival, noise)


def _draw_vessel(
    rng: np.random.Generator, branch: int, depth: NDArray[np.float32], arrival: NDArray[np.float32]
) -> None:
    rows, columns = depth.shape
    angle = 0.5 + branch * 0.45 + rng.uniform(-0.15, 0.15)
    point = np.array([0.35, 0.3])
    steps, thickness = 40, max(2.0, min(rows, columns) / (45 + 12 * branch))
    for step in range(steps):
        angle += rng.normal(0, 0.12)
        following = point + np.array([math.cos(angle), math.sin(angle)]) * 0.018
        ends = [(round(p[0] * columns), round(p[1] * rows)) for p in (point, following)]
        width = max(1, round(thickness * (1 - 0.7 * step / steps)))
        cv2.line(depth, ends[0], ends[1], 1300.0 - 12 * step, width)
        cv2.line(arrival, ends[0], ends[1], step / steps * 0.6, width + 2)
        point = following


def phantom_frame(phantom: Phantom, index: int, rate_hz: float) -> NDArray[np.uint16]:
    """Give frame `index` of a run at `rate_hz`: (rows, columns) of 0 to 4095."""
    rows, columns = phantom.ground.shape
    time_s = index / rate_hz
    run = (time_s % BOLUS_S) / BOLUS_S
    filled = np.clip((run - phantom.arrival) * 8, 0, 1) * np.clip((1.05 - run) * 4, 0, 1)
    picture = phantom.ground - phantom.depth * filled
    _draw_catheter(picture, time_s)
    field = phantom.noise[index % NOISE_FIELDS]
    picture += np.roll(field, (index * 37 % rows, index * 91 % columns), (0, 1))
    clipped: NDArray[np.float32] = np.clip(picture, 0, (1 << BITS) - 1)
    return clipped.astype(np.uint16)


def _draw_catheter(picture: NDArray[np.float32], time_s: float) -> None:
    rows, columns = picture.shape
    beat = math.sin(2 * math.pi * BEAT_HZ * time_s)
    along = np.linspace(0, 1, 24)
    x = 0.05 + 0.3 * along + 0.012 * beat * along
    y = 0.95 - 0.65 * along**1.4 + 0.02 * beat * along
    points = np.stack([x * columns, y * rows], axis=1).round().astype(np.int32)
    cv2.polylines(picture, [points], False, 700.0, max(1, min(rows, columns) // 128))
