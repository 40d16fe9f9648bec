"""What leaves the station."""

import numpy as np
import pytest

from huizhen.producers.prepare import Preparation, teaching_regions
from huizhen.producers.source import Captured, Geometry
from huizhen.schemas.errors import BadProfile, Refused
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.profile import Match, Profile, Region

FORM = PixelFormat(60, 80, 1, 8, 0)


def captured(pixels: np.ndarray | None = None, form: PixelFormat = FORM) -> Captured:
    given = np.full((form.rows, form.columns), 200, np.uint8) if pixels is None else pixels
    return Captured(given, Geometry(form, "MONOCHROME2"), 1, 2)


def test_what_identifies_is_blank_and_the_margin_is_gone() -> None:
    profile = Profile("p", 1, crop=Region(10, 20, 60, 80), mask_always=(Region(0, 0, 12, 30),))
    found = Preparation(profile).apply(captured())
    assert found.pixels.shape == (50, 60)
    assert found.geometry.pixels == PixelFormat(50, 60, 1, 8, 0)
    assert not found.pixels[:2, :10].any()
    assert (found.pixels[2:] == 200).all()
    assert (found.pixels[:2, 10:] == 200).all()


@pytest.mark.parametrize("crop", [None, Region(0, 0, 60, 80), Region(10, 0, 60, 80)])
def test_a_source_may_use_its_buffer_again(crop: Region | None) -> None:
    buffer = np.full((60, 80), 7, np.uint8)
    found = Preparation(Profile("p", 1, crop=crop)).apply(captured(buffer))
    buffer[:] = 0
    assert (found.pixels == 7).all()


def test_a_profile_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(BadProfile, match=r"match\.rows"):
        Preparation(Profile("p", 1, match=Match(rows=480))).apply(captured())
    with pytest.raises(BadProfile, match="crop"):
        Preparation(Profile("p", 1, crop=Region(0, 0, 61, 80))).apply(captured())


def test_a_new_geometry_is_checked_again() -> None:
    preparation = Preparation(Profile("p", 1, match=Match(rows=60)))
    preparation.apply(captured())
    with pytest.raises(BadProfile):
        preparation.apply(captured(form=PixelFormat(61, 80, 1, 8, 0)))


def test_pixels_that_are_not_of_their_geometry_are_refused() -> None:
    with pytest.raises(Refused, match="frame_size_changed"):
        Preparation(Profile("p", 1)).apply(captured(np.zeros((60, 81), np.uint8)))


def test_teaching_regions_move_with_the_crop() -> None:
    regions = (Region(0, 0, 20, 30), Region(0, 0, 5, 5))
    assert teaching_regions(Profile("p", 1, mask_teaching=regions)) == [0, 0, 20, 30, 0, 0, 5, 5]
    assert teaching_regions(Profile("p", 1, crop=Region(10, 0, 60, 80), mask_teaching=regions)) == [0, 0, 10, 30]
