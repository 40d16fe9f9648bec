"""Crop and masks touch exactly the pixels they name, and the geometry follows."""

import json

import numpy as np
import pytest

from huizhen.producers.region import apply, blank_value, cropped
from huizhen.producers.source import Geometry
from huizhen.schemas.events import UltrasoundRegion
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.profile import Region


def test_nothing_to_do_gives_the_same_array() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert apply(pixels, None, (), 0) is pixels


@pytest.mark.parametrize("shape", [(30, 40), (30, 40, 3)])
def test_the_mask_blanks_its_pixels_and_no_other(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(1).integers(1, 255, shape).astype(np.uint8)
    kept = pixels.copy()
    out = apply(pixels, None, (Region(2, 3, 7, 11), Region(20, 0, 30, 40)), 0)
    np.testing.assert_array_equal(pixels, kept)
    blank = np.zeros((30, 40), bool)
    blank[2:7, 3:11] = blank[20:30, 0:40] = True
    assert (out[blank] == 0).all()
    np.testing.assert_array_equal(out[~blank], pixels[~blank])


def test_the_crop_comes_after_the_mask_in_the_same_pixels() -> None:
    pixels = np.full((30, 40), 9, np.uint8)
    out = apply(pixels, Region(5, 10, 25, 30), (Region(0, 0, 8, 12), Region(28, 0, 30, 40)), 1)
    assert out.shape == (20, 20)
    assert out.flags.c_contiguous
    assert out.sum() == 9 * 400 - 8 * (3 * 2)


@pytest.mark.parametrize(
    ("bits", "signed", "photometric", "blank"),
    [
        (8, 0, "RGB", 0),
        (12, 0, "MONOCHROME2", 0),
        (12, 0, "MONOCHROME1", 4095),
        (16, 1, "MONOCHROME2", -32768),
        (12, 1, "MONOCHROME1", 2047),
    ],
)
def test_blank_is_shown_black(bits: int, signed: int, photometric: str, blank: int) -> None:
    samples = 3 if photometric == "RGB" else 1
    assert blank_value(Geometry(PixelFormat(4, 4, samples, bits, signed), photometric)) == blank


def region_at(x0: int, y0: int, x1: int, y1: int) -> UltrasoundRegion:
    return UltrasoundRegion(1, 1, 2, x0, y0, x1, y1, 3, 3, 0.1, 0.1)


def test_ultrasound_regions_move_with_the_crop() -> None:
    geometry = Geometry(
        PixelFormat(100, 200, 3, 8, 0),
        "RGB",
        ultrasound_regions=(region_at(10, 20, 150, 90), region_at(0, 0, 4, 4), region_at(9, 9, 2, 2)),
    )
    moved = cropped(geometry, Region(10, 20, 60, 120))
    assert (moved.pixels.rows, moved.pixels.columns) == (50, 100)
    assert moved.ultrasound_regions == (region_at(0, 10, 99, 49),)
    assert cropped(geometry, None) is geometry


def test_the_patient_position_moves_with_the_crop() -> None:
    carried = {
        "00200032": {"vr": "DS", "Value": [-100.0, -50.0, 7.0]},
        "00200037": {"vr": "DS", "Value": [1, 0, 0, 0, 1, 0]},
    }
    geometry = Geometry(
        PixelFormat(100, 200, 1, 16, 1), "MONOCHROME2", pixel_spacing=(2.0, 0.5), dicom_json=json.dumps(carried)
    )
    moved = json.loads(cropped(geometry, Region(10, 20, 60, 120)).dicom_json)
    # 20 columns of 0.5 mm along x, 10 rows of 2 mm along y
    assert moved["00200032"]["Value"] == [-90.0, -30.0, 7.0]
    assert moved["00200037"] == carried["00200037"]
