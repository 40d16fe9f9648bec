"""The picture checks on real frames, good and made bad; run with -s to see the confusion table."""

import functools
import itertools
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import cv2
import imagecodecs
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_frames

from huizhen.processors.checks import PictureChecks, Seen, Timing, area_of, grain_of, texture_of
from huizhen.schemas import htj2k
from huizhen.schemas.codestream import read_header
from huizhen.schemas.profile import Thresholds
from huizhen.schemas.profile_io import find_profile
from huizhen.schemas.reasons import Flag

Pixels = NDArray[np.generic]
Picture = tuple[Pixels, int, bool]
"""Samples, bits stored, signed"""
LIMITS = Thresholds()
ULTRASOUND = find_profile("us-640x480").thresholds
STILLS = [
    "CT_small.dcm",
    "MR_small.dcm",
    "693_J2KI.dcm",
    "RG1_UNCI.dcm",
    "RG3_UNCI.dcm",
    "MR2_UNCI.dcm",
    "US1_UNCI.dcm",
]
LOOPS = ["color3d_jpeg_baseline.dcm", "examples_ybr_color.dcm"]
PERIOD_NS = 33_333_333


def dataset(name: str) -> pydicom.Dataset:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str), f"{name} comes with pydicom or pydicom-data"
    return pydicom.dcmread(path)


@functools.cache
def still(name: str) -> Picture:
    data = dataset(name)
    pixels = data.pixel_array
    top, left = (max(0, (side - 768) // 2) for side in pixels.shape[:2])  # the middle of large films, for speed
    return pixels[top : top + 768, left : left + 768], int(data.BitsStored), bool(data.PixelRepresentation)


@functools.cache
def loop(name: str, count: int = 16) -> list[Picture]:
    data = dataset(name)
    fragments = generate_frames(data.PixelData, number_of_frames=int(data.NumberOfFrames))
    return [(np.asarray(imagecodecs.jpeg8_decode(one)), 8, False) for one in itertools.islice(fragments, count)]


CODED: dict[int, tuple[Picture, bytes]] = {}


def coded(picture: Picture) -> bytes:
    """Code a picture once; the picture is kept beside, so that its id stays its own."""
    if id(picture) not in CODED:
        CODED[id(picture)] = picture, htj2k.encode(*picture, 128)
    return CODED[id(picture)][1]


def look(
    picture: Picture,
    checks: PictureChecks | None = None,
    number: int = 0,
    limits: Thresholds = LIMITS,
    rate: float = 0.0,
) -> Seen:
    stream = coded(picture)
    at = number * PERIOD_NS
    timing = Timing(number, 10**18 + at, at, rate)
    return (checks or PictureChecks()).look(stream, read_header(stream)[0], timing, limits)


def flags_of(pictures: list[Picture], limits: Thresholds = LIMITS) -> set[Flag]:
    checks = PictureChecks()
    return {flag for number, one in enumerate(pictures) for flag in look(one, checks, number, limits).flags}


def changed(picture: Picture, change: Callable[[NDArray[np.float64], float, float], NDArray[np.float64]]) -> Picture:
    pixels, bits, signed = picture
    low = -(1 << (bits - 1)) if signed else 0
    high = low + (1 << bits) - 1
    made = np.clip(np.rint(change(pixels.astype(np.float64), low, high)), low, high)
    return made.astype(pixels.dtype), bits, signed


def snow(picture: Picture) -> Picture:
    random = np.random.default_rng(7)
    return changed(picture, lambda pixels, low, high: random.uniform(low, high, pixels.shape))


def noisy(picture: Picture) -> Picture:
    random = np.random.default_rng(7)
    return changed(picture, lambda pixels, low, high: pixels + random.normal(0, (high - low) / 2, pixels.shape))


def blurred(picture: Picture) -> Picture:
    sigma = min(picture[0].shape[:2]) / 32
    return changed(picture, lambda pixels, low, high: cv2.GaussianBlur(pixels, (0, 0), sigma))


def overexposed(picture: Picture) -> Picture:
    def push(pixels: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
        white = np.percentile(pixels, 60)
        return low + (pixels - low) * ((high - low) / max(white - low, 1.0))

    return changed(picture, push)


def black(picture: Picture) -> Picture:
    return changed(picture, lambda pixels, low, high: np.full(pixels.shape, low))


def shrunk(picture: Picture) -> Picture:
    """The picture in the middle of a wider black border, as after a change of the video format."""
    pixels = picture[0]
    rows, columns = pixels.shape[:2]
    small = cv2.resize(pixels, (columns * 3 // 4, rows * 3 // 4))
    made = np.zeros_like(pixels)
    made[rows // 8 : rows // 8 + small.shape[0], columns // 8 : columns // 8 + small.shape[1]] = small
    return made, picture[1], picture[2]


def cases() -> Iterator[tuple[str, Flag | None, list[Picture], Thresholds]]:
    """Name, the flag that is right (None: good), the frames, the limits of the profile."""
    for name in STILLS:
        limits = ULTRASOUND if name.startswith("US") else LIMITS
        yield name, None, [still(name)], limits
        for make, flag in ((snow, Flag.NOISE), (overexposed, Flag.CLIPPED), (black, Flag.BLACK), (blurred, Flag.BLUR)):
            yield name, flag, [make(still(name))], limits
    for name in LOOPS:
        frames = loop(name)
        forth_and_back = [*frames, *frames[::-1]]
        narrow = [shrunk(one) for one in frames]
        yield name, None, forth_and_back * 3, ULTRASOUND
        for make, flag in ((snow, Flag.NOISE), (noisy, Flag.NOISE), (overexposed, Flag.CLIPPED), (black, Flag.BLACK)):
            yield name, flag, [make(frames[3])], ULTRASOUND
        yield name, Flag.BLUR, [blurred(frames[3])], ULTRASOUND
        yield name, Flag.FROZEN, [*frames[:5], *[frames[5]] * 70], ULTRASOUND
        yield name, Flag.LETTERBOX_DRIFT, [*forth_and_back * 4, *narrow * 4], ULTRASOUND


def test_good_frames_are_never_flagged_and_bad_ones_mostly() -> None:
    found: Counter[tuple[str, str]] = Counter()
    made: Counter[Flag | None] = Counter()
    for name, right, frames, limits in cases():
        made[right] += 1
        flags = flags_of(frames, limits)
        if right is None:
            assert flags == set(), f"{name} is a good picture"
        found.update([(str(right or "good"), str(flag)) for flag in flags] or [(str(right or "good"), "none")])
    wanted = sorted({row for row, _ in found})
    columns = sorted({column for _, column in found})
    table = [["made \\ flagged", *columns]]
    table += [[row, *(str(found[row, column] or ".") for column in columns)] for row in wanted]
    sys.stdout.write("\n" + "\n".join("".join(cell.rjust(17) for cell in row) for row in table) + "\n")
    for flag in (Flag.BLACK, Flag.FROZEN, Flag.LETTERBOX_DRIFT, Flag.NOISE, Flag.CLIPPED, Flag.BLUR):
        missed = made[flag] - found[str(flag), str(flag)]
        assert missed <= (2 if flag is Flag.BLUR else 0), f"{flag} was missed {missed} times"


def test_a_black_picture_is_not_called_blurred() -> None:
    assert look(black(still("CT_small.dcm"))).flags == (Flag.BLACK,)


def test_grain_does_not_depend_on_contrast_or_depth() -> None:
    luma = np.random.default_rng(1).random((40, 60)).astype(np.float32)
    grain, texture = grain_of(luma), texture_of(luma)
    assert grain is not None
    assert texture is not None
    assert grain_of(luma * 0.01 + 0.3) == pytest.approx(grain, rel=1e-3)
    assert texture_of(luma * 0.01 + 0.3) == pytest.approx(texture, rel=1e-3)


def test_a_plain_or_tiny_picture_has_no_grain() -> None:
    assert grain_of(np.full((40, 40), 0.5, np.float32)) is None
    assert grain_of(np.random.default_rng(1).random((4, 4)).astype(np.float32)) is None
    assert texture_of(np.full((40, 40), 0.5, np.float32)) is None


def test_the_area_of_a_picture_is_what_is_not_black() -> None:
    luma = np.zeros((10, 20), np.float32)
    assert area_of(luma) is None
    luma[2:5, 10:15] = 0.5
    assert area_of(luma) == (0.2, 0.5, 0.5, 0.75)


def test_rates_and_times_are_held_against_the_profile() -> None:
    picture = still("MR_small.dcm")
    steady, slow, fast, back = PictureChecks(), PictureChecks(), PictureChecks(), PictureChecks()
    numbers = range(40)
    assert {flag for n in numbers for flag in look(picture, steady, n, rate=30.0).flags} <= {Flag.FROZEN}
    assert Flag.RATE_LOW in {flag for n in numbers for flag in look(picture, slow, n, rate=60.0).flags}
    assert Flag.RATE_HIGH in {flag for n in numbers for flag in look(picture, fast, n, rate=15.0).flags}
    stream = coded(picture)
    header = read_header(stream)[0]
    back.look(stream, header, Timing(0, 10, 10), LIMITS)
    assert back.look(stream, header, Timing(1, 11, 10), LIMITS).flags == (Flag.TIME_NOT_RISING,)


def test_late_frames_are_judged_by_themselves_only() -> None:
    checks = PictureChecks()
    picture = still("MR_small.dcm")
    look(picture, checks, 90)
    assert look(picture, checks, 3).flags == ()
    assert checks.newest == 90


def test_between_looks_what_was_seen_last_holds() -> None:
    checks = PictureChecks()
    picture = still("MR_small.dcm")
    first = look(picture, checks, 0)
    assert look(black(picture), checks, 1) == first, "33 ms later"
    assert look(black(picture), checks, 3).flags == (Flag.BLACK,), "100 ms later"
    assert look(black(still("CT_small.dcm")), checks, 4).mean_level == 0.0, "another geometry is looked at at once"


def test_levels_are_fractions_of_the_sample_range() -> None:
    half = np.full((64, 64), 2048, np.uint16)
    seen = look((half, 12, False))
    assert seen.mean_level == pytest.approx(0.5, abs=1e-3)
    assert seen.sharpness == pytest.approx(0.0, abs=1e-6)
