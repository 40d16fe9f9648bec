import pytest

from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.ranges import Ranges
from huizhen.sinks.ranges import LINGER_NS, STILL_S, Limits, OpenRange, in_order, range_of
from tests.unit.sinks import exam

MIB = 1 << 20


@pytest.mark.parametrize(
    ("pixels", "frames"),
    [
        (PixelFormat(480, 640, 3, 8, 0), 32),
        (PixelFormat(1080, 1920, 3, 8, 0), 8),
        (PixelFormat(512, 512, 1, 12, 0), 64),
        (PixelFormat(64, 64, 1, 8, 0), 128),
        (PixelFormat(8000, 8000, 1, 16, 0), 1),
    ],
)
def test_an_instance_holds_a_power_of_two_of_frames_within_its_limits(pixels: PixelFormat, frames: int) -> None:
    assert Limits(48 * MIB, 128).per_instance(pixels) == frames


def test_an_image_of_a_single_frame_class_stands_alone() -> None:
    assert Limits(48 * MIB, 128).per_instance(exam.COLOUR, multi_frame=False) == 1


def test_ranges_are_fixed_by_number() -> None:
    assert [range_of(number, 8) for number in (0, 7, 8, 100)] == [(0, 7), (0, 7), (8, 15), (96, 103)]


def open_range(*numbers: int) -> OpenRange:
    made = OpenRange(0, (0, 3))
    for number in numbers:
        made.add(exam.frame(number), 10.0)
    return made


def test_a_range_is_full_when_no_frame_of_it_is_to_come() -> None:
    assert not open_range(0, 1, 3).is_full(Ranges())
    assert open_range(0, 1, 2, 3).is_full(Ranges())
    assert open_range(0, 1, 3).is_full(Ranges([(2, 2)]))


def test_a_range_is_past_by_the_frames_own_clock() -> None:
    newest = exam.frame(1).captured_at_ns
    assert not open_range(0, 1).is_past(newest + LINGER_NS - 1)
    assert open_range(0, 1).is_past(newest + LINGER_NS)


def test_a_range_is_still_when_nothing_came_for_it() -> None:
    assert not open_range(0).is_still(10.0 + STILL_S - 0.1)
    assert open_range(0).is_still(10.0 + STILL_S)


def test_frames_are_put_in_order() -> None:
    assert [each.number for each in in_order([exam.frame(2), exam.frame(0)])] == [0, 2]
