"""A real X display: what is on it, what it costs when it is gone."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from huizhen.producers.pick import SourceOptions, open_source
from huizhen.producers.screen_io import Screen
from huizhen.producers.source import Captured
from huizhen.schemas.errors import Refused, Unavailable
from huizhen.schemas.geometry import PixelFormat
from tests.services.display import Display

COLUMNS, ROWS = 320, 200


@pytest.fixture
def display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Display]:
    server = Display(tmp_path, COLUMNS, ROWS)
    monkeypatch.setenv("DISPLAY", server.name)
    yield server
    server.stop()


def picture(shift: int) -> np.ndarray:
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    return np.stack([(x + shift) % 256, y % 256, (x * y) % 256], axis=2).astype(np.uint8)


def test_frames_are_what_the_screen_shows(display: Display) -> None:
    source = open_source("screen:", SourceOptions(rate_hz=30))
    assert (source.description.kind, source.description.modality, source.description.rate_hz) == ("screen", "OT", 30)
    assert source.description.sop_class_uid == "1.2.840.10008.5.1.4.1.1.7.4"
    display.paint(picture(0))
    frames, origin_ns = source.frames(), time.monotonic_ns()
    first = next(frames)
    display.paint(picture(9))
    second = next(frames)
    source.close()
    assert list(frames) == []
    assert isinstance(first, Captured)
    assert isinstance(second, Captured)
    # the pointer stands in the middle
    corner = (slice(0, ROWS // 2 - 20), slice(0, COLUMNS))
    np.testing.assert_array_equal(first.pixels[corner], picture(0)[corner])
    np.testing.assert_array_equal(second.pixels[corner], picture(9)[corner])
    assert first.geometry.pixels == PixelFormat(ROWS, COLUMNS, 3, 8, 0)
    assert first.geometry is second.geometry
    assert second.monotonic_ns - origin_ns >= 33_000_000, "never early"


def test_the_whole_desktop_and_the_first_monitor_can_be_chosen(display: Display) -> None:
    display.paint(picture(1))
    for location in ("screen:0", "screen:1"):
        source = open_source(location)
        frame = next(source.frames())
        assert isinstance(frame, Captured)
        np.testing.assert_array_equal(frame.pixels[:40], picture(1)[:40])
    with pytest.raises(Refused, match=r"monitor 7: there are 0 \(all\) to 1"):
        open_source("screen:7")


def test_a_desktop_that_changes_its_size_is_a_new_geometry_not_a_crash(
    display: Display, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huizhen.producers.screen_io.LOOK_AGAIN_NS", 50_000_000)
    display.paint(picture(0))
    frames = open_source("screen:0", SourceOptions(rate_hz=60)).frames()
    sizes = []
    for columns, rows in ((COLUMNS, ROWS), (200, 100), (COLUMNS, ROWS)):
        display.resize(columns, rows)
        frame = next(one for one in frames if isinstance(one, Captured) and one.pixels.shape == (rows, columns, 3))
        sizes.append((frame.geometry.pixels.columns, frame.geometry.pixels.rows))
    assert sizes == [(COLUMNS, ROWS), (200, 100), (COLUMNS, ROWS)]


def test_a_monitor_that_is_switched_off_is_unavailable(display: Display) -> None:
    frames = open_source("screen:1", SourceOptions(rate_hz=60)).frames()
    next(frames)
    display.resize(200, 100)
    with pytest.raises(Unavailable, match="monitor 1 is gone"):
        list(frames)


def test_a_display_that_dies_is_unavailable_and_the_station_lives_on(display: Display) -> None:
    frames = open_source("screen:", SourceOptions(rate_hz=60)).frames()
    next(frames)
    display.stop()
    with pytest.raises(Unavailable, match="the screen"):
        list(frames)


def test_no_display_at_all_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":98765")
    with pytest.raises(Unavailable, match="no display answers"):
        open_source("screen:")


@pytest.mark.parametrize("rate_hz", [0.0, 61.0])
def test_an_impossible_rate_is_refused(rate_hz: float) -> None:
    with pytest.raises(Refused, match="RATE_MAX_HZ"):
        Screen(rate_hz=rate_hz)
