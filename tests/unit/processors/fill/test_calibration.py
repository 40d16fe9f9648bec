"""The stated error is near the true one: in short here, on real pictures in `benchmarks/fill.py --calibration`."""

import numpy as np
from numpy.typing import NDArray

from huizhen.processors.fill import Box, Evidence, LostDetail, Previous, SampleFormat, fill, fill_details
from huizhen.processors.fill.lifting import analyse, from_planes, to_planes

SAMPLES = SampleFormat(12)
SIDE = 256


def cloud(roughness: float, seed: int) -> NDArray[np.uint16]:
    """A random picture whose amplitudes fall with frequency to the power of -roughness."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)) + 1 / SIDE
    amplitude = np.fft.rfft2(rng.normal(size=(SIDE, SIDE))) / frequency**roughness
    values = np.fft.irfft2(amplitude, (SIDE, SIDE))
    return np.asarray(np.clip(2048 + 500 * values / values.std(), 0, 4095), np.uint16)


CLOUDS = [(roughness, seed) for roughness in (0.8, 1.3, 1.8, 2.3) for seed in (1, 2)]


def within_two(ratios: list[float]) -> float:
    found = np.array(ratios)
    return float(((found > 0.5) & (found < 2)).mean())


def ratio(stated: float, filled: NDArray[np.generic], truth: NDArray[np.generic]) -> float:
    return stated / max(float(np.sqrt(np.square(filled.astype(float) - truth).mean())), 1.0)


def holes(seed: int) -> NDArray[np.bool_]:
    known = np.ones((SIDE, SIDE), np.bool_)
    for top, left in np.random.default_rng(seed).integers(0, SIDE // 16, (14, 2)) * 16:
        known[top : top + 16, left : left + 16] = False
    return known


def test_errors_of_holes_are_stated_within_a_factor_of_two() -> None:
    found: list[float] = []
    for roughness, seed in CLOUDS:
        frame, known = cloud(roughness, seed), holes(seed)
        filled, places = fill(frame, known, Evidence(SAMPLES))
        found += [ratio(place.expected_error, filled[place.box.slices], frame[place.box.slices]) for place in places]
    assert within_two(found) >= 0.9


def test_errors_of_remembered_holes_are_stated_within_a_factor_of_two() -> None:
    found: list[float] = []
    for roughness, seed in CLOUDS:
        frame, known = cloud(roughness, seed), holes(seed)
        changed = np.clip(frame + 0.3 * (cloud(roughness, seed + 50).astype(float) - 2048), 0, 4095).astype(np.uint16)
        filled, places = fill(frame, known, Evidence(SAMPLES, previous=Previous(changed, 2)))
        found += [ratio(place.expected_error, filled[place.box.slices], frame[place.box.slices]) for place in places]
    assert within_two(found) >= 0.9


def test_errors_of_lost_detail_are_stated_within_a_factor_of_two() -> None:
    found: list[float] = []
    for roughness, seed in CLOUDS:
        frame = cloud(roughness, seed)
        for levels in (1, 2):
            lost = []
            for box in (Box(0, 64, 64, 128), Box(128, 64, 192, 128), Box(64, 192, 128, 256), Box(192, 192, 256, 256)):
                lost.append(LostDetail(box, from_planes(analyse(to_planes(frame[box.slices]), levels)[0]), levels))
            for tile in fill_details(lost, SAMPLES, frame=frame):
                place = tile.provenance
                found.append(ratio(place.expected_error, tile.pixels, frame[place.box.slices]))
    assert within_two(found) >= 0.9
