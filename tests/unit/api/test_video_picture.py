"""What is coded as video: the frame's own pixels, windowed, small enough, and blank where they must be."""

import numpy as np
import pytest

from huizhen.api.teaching import cover_for
from huizhen.api.video_picture import SIDE_MAX, Reading, discard_for, rgb_of
from huizhen.schemas.errors import BadInput
from tests.services.fake_station import FakeStation, ultrasound
from tests.unit.api.video_frames import frame, frame_of, geometry

RAMP = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)


def test_colour_of_eight_bits_goes_through_untouched() -> None:
    assert np.array_equal(rgb_of(frame(3), Reading(None)), ultrasound()[3])


def test_grey_goes_through_the_window_of_its_geometry() -> None:
    shown = rgb_of(frame_of(RAMP, 12), Reading(geometry(window_center=[1000.0], window_width=[500.0])))
    share = np.clip((RAMP - (999.5 - 499 / 2)) / 499, 0, 1)
    assert np.abs(shown[:, :, 0].astype(int) - np.rint(share * 255)).max() <= 1
    assert np.array_equal(shown[:, :, 0], shown[:, :, 2])


def test_the_window_is_in_rescaled_values() -> None:
    rescaled = geometry(window_center=[0.0], window_width=[1000.0], rescale_slope=2.0, rescale_intercept=-2000.0)
    plain = geometry(window_center=[1000.0], window_width=[500.0])
    assert np.array_equal(rgb_of(frame_of(RAMP, 12), Reading(rescaled)), rgb_of(frame_of(RAMP, 12), Reading(plain)))


@pytest.mark.parametrize("reading", [Reading(None), Reading(geometry())])
def test_without_a_window_the_whole_range_is_shown(reading: Reading) -> None:
    shown = rgb_of(frame_of(RAMP, 12), reading)[:, :, 0]
    assert (shown[0, 0], shown[63, 63]) == (0, 255)
    assert abs(int(shown[32, 0]) - 128) <= 1


def test_signed_values_and_inverted_grey_are_shown_as_on_the_page() -> None:
    signed = (RAMP.astype(np.int32) - 2048).astype(np.int16)
    upright = rgb_of(frame_of(signed, 12, signed=True), Reading(geometry(pixel_representation=1)))
    assert np.array_equal(upright, rgb_of(frame_of(RAMP, 12), Reading(geometry())))
    inverted = rgb_of(frame_of(RAMP, 12), Reading(geometry(photometric_interpretation="MONOCHROME1")))
    assert np.abs(255 - inverted.astype(int) - upright).max() <= 1


def test_a_large_picture_is_taken_smaller_from_its_own_codestream() -> None:
    assert [discard_for(*size) for size in ((640, 480), (SIDE_MAX, 10), (1920, 1080), (4096, 4096), (20, 9000))] == [
        0, 0, 1, 2, 2
    ]  # fmt: skip
    rows, columns = np.mgrid[0:40, 0:1300]
    shown = rgb_of(frame_of(((columns // 8 + rows) % 256).astype(np.uint8)), Reading(None))
    assert shown.shape == (20, 650, 3)


def test_sides_are_made_even_by_repeating_the_edge() -> None:
    odd = np.arange(33 * 35, dtype=np.uint8).reshape(33, 35)
    shown = rgb_of(frame_of(odd), Reading(None))
    assert shown.shape == (34, 36, 3)
    assert np.array_equal(shown[:33, :35, 0], odd)
    assert np.array_equal(shown[33, :35, 0], odd[32])


def test_blanked_regions_are_black_and_the_rest_is_not() -> None:
    station = FakeStation("clinic", mask_teaching=[0, 0, 100, 100])
    whole = frame(3)
    reading = Reading(station.geometry(), cover_for(whole.header, station.geometry()))
    shown = rgb_of(whole, reading)
    assert not shown[:128, :128].any()
    assert np.array_equal(shown[128:], ultrasound()[3][128:])


def test_what_cannot_be_decoded_is_refused() -> None:
    broken = frame(3)
    broken.codestream = broken.codestream[:4000] + b"\xff\xd9"
    with pytest.raises(BadInput):
        rgb_of(broken, Reading(None))
