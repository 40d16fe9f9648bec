"""A file's own pace, as its attributes give it."""

import pytest
from pydicom.dataset import Dataset

from huizhen.producers.dicom_timing import Timing, steady, timing_of
from huizhen.schemas.errors import Refused

MS = 1_000_000


def data_of(**attributes: object) -> Dataset:
    data = Dataset()
    for keyword, value in attributes.items():
        setattr(data, keyword, value)
    return data


def test_frame_time_paces_evenly() -> None:
    timing = timing_of(data_of(FrameTime="33.333"), 4)
    assert timing == Timing((0, 33_333_000, 66_666_000, 99_999_000), 133_332_000)


def test_a_vector_gives_the_gaps_and_the_last_frame_stays_for_the_mean_one() -> None:
    timing = timing_of(data_of(FrameTimeVector=[0, 10, 50, 30]), 4)
    assert timing == Timing((0, 10 * MS, 60 * MS, 90 * MS), 120 * MS)


def test_the_increment_pointer_decides_between_the_two() -> None:
    both = {"FrameTime": "20", "FrameTimeVector": [0, 10, 10]}
    by_time = timing_of(data_of(**both), 3)
    by_vector = timing_of(data_of(**both, FrameIncrementPointer=0x00181065), 3)
    assert by_time is not None
    assert by_time.offsets_ns == (0, 20 * MS, 40 * MS)
    assert by_vector is not None
    assert by_vector.offsets_ns == (0, 10 * MS, 20 * MS)


@pytest.mark.parametrize(
    ("attributes", "rate_hz"),
    [
        ({"CineRate": 25}, 25),
        ({"RecommendedDisplayFrameRate": 12}, 12),
        ({"CineRate": 25, "RecommendedDisplayFrameRate": 12}, 25),
        ({"FrameTime": "0", "CineRate": 8}, 8),
        ({"FrameTime": "-3", "CineRate": 8}, 8),
    ],
)
def test_a_rate_is_taken_where_there_is_no_time(attributes: dict[str, object], rate_hz: float) -> None:
    timing = timing_of(data_of(**attributes), 10)
    assert timing is not None
    assert timing.rate_hz == pytest.approx(rate_hz)


def test_a_file_may_say_nothing() -> None:
    assert timing_of(Dataset(), 10) is None
    assert timing_of(data_of(FrameTime="0", CineRate=0), 10) is None


@pytest.mark.parametrize(
    ("attributes", "frames", "message"),
    [
        ({"FrameTimeVector": [0, 10]}, 3, "2 values for 3 frames"),
        ({"FrameTimeVector": [0, -10, 20]}, 3, "does not rise"),
        ({"FrameTimeVector": [0, 0, 0]}, 3, "does not rise"),
        ({"FrameTimeVector": [0, 0.0001, 0.0001]}, 3, "RATE_MAX_HZ"),
        ({"FrameTime": "0.001"}, 3, "RATE_MAX_HZ"),
    ],
)
def test_an_impossible_pace_is_refused(attributes: dict[str, object], frames: int, message: str) -> None:
    with pytest.raises(Refused, match=message):
        timing_of(data_of(**attributes), frames)


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, float("nan"), float("inf"), 1001.0])
def test_an_impossible_rate_is_refused(rate_hz: float) -> None:
    with pytest.raises(Refused, match="RATE_MAX_HZ"):
        steady(3, rate_hz)


def test_offsets_never_fall() -> None:
    with pytest.raises(ValueError, match="rise"):
        Timing((0, 5, 4), 10)
