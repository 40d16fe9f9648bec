"""Bring a tile into the sample range without giving up its low-pass: alternating projections, over-relaxed.

Where a picture is saturated, as text on black is, the estimate leaves the range, and clipping it would change the
low-pass. The range and "has this low-pass" are both constraint sets, so the two projections are alternated; the first
is overdone by OVERDONE, which does the work of three rounds in one. What is still outside after ROUNDS is clipped and
counted.
"""

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill.lifting import Plane, analyse, from_planes, synthesise, to_planes
from huizhen.processors.fill.samples import Pixels, SampleFormat

ROUNDS = 2  # gain on text at 1/2 size: 1.6 dB, another 0.5 dB; on pictures that are not saturated nothing happens
OVERDONE = 2
WORTH_IT = 0.02  # share of clipped samples from which the rounds are worth their time: below, they bring under 0.1 dB


def into_range(planes: Plane, low: Plane, samples: SampleFormat, levels: int) -> tuple[Pixels, int]:
    """Turn a tile's planes into pixels in the sample range; `low`: its low-pass. Also gives the clipped samples."""
    values = from_planes(planes)
    pixels, clipped = samples.clip(values)
    for _ in range(ROUNDS):
        if clipped <= WORTH_IT * values.size:
            break
        inside = np.clip(values, samples.low, samples.high)
        values = _with_low_pass(inside + OVERDONE * (inside - values), low, levels)
        pixels, clipped = samples.clip(values)
    return pixels, clipped


def _with_low_pass(values: NDArray[np.int32], low: Plane, levels: int) -> NDArray[np.int32]:
    _, details = analyse(to_planes(values), levels)
    return from_planes(synthesise(low, details))
