"""A camera that is unplugged is said to be gone, or is waited for; its address stays secret."""

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import av
import pytest

from huizhen.producers.camera_io import Camera, open_rtsp, open_v4l2
from huizhen.producers.source import Captured
from huizhen.producers.video_io import VideoInput
from huizhen.schemas.errors import Unavailable
from tests.unit.producers.clips import index_of, write_clip

UNPLUGGED = OSError(19, "No such device")


class Unplugged:
    """A container that fails after a number of packets, as a V4L2 device does when it is pulled."""

    def __init__(self, path: Path, packets: int, error: Exception | None) -> None:
        self._container: Any = av.open(str(path))
        self._packets = packets
        self._error = error
        self.streams = self._container.streams

    def demux(self, stream: Any) -> Iterator[Any]:
        yield from itertools.islice(self._container.demux(stream), self._packets)
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        self._container.close()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "a.mp4", 6)


def test_frames_come_as_they_come(clip: Path) -> None:
    camera = Camera(VideoInput("the test camera", lambda: Unplugged(clip, 3, None), is_live=True))
    frames = camera.frames()
    got = [next(frames) for _ in range(3)]
    assert [index_of(frame.pixels) for frame in got if isinstance(frame, Captured)] == [0, 1, 2]
    assert got[0].monotonic_ns <= got[1].monotonic_ns
    assert (camera.description.kind, camera.description.modality) == ("camera", "XC")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UNPLUGGED, r"the test camera \(No such device\)"),
        (av.error.TimeoutError(110, "rtsp://user:secret@10.0.0.7/live"), r"the test camera \(Connection timed out\)"),
        (None, r"the test camera \(it ended\)"),
    ],
)
def test_an_unplugged_camera_is_unavailable(clip: Path, error: Exception | None, message: str) -> None:
    camera = Camera(VideoInput("the test camera", lambda: Unplugged(clip, 2, error), is_live=True))
    frames = camera.frames()
    got = [next(frames), next(frames)]
    assert len(got) == 2
    with pytest.raises(Unavailable, match=message) as caught:
        next(frames)
    assert "secret" not in str(caught.value)
    assert "10.0.0.7" not in str(caught.value)


def test_with_reconnect_it_is_opened_again_until_it_is_back(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huizhen.producers.camera_io.pause_s", lambda attempt: 0.001 * (attempt + 1))
    opened: list[str] = []

    def open_it() -> Unplugged:
        opened.append("try")
        if len(opened) in (2, 3):
            raise UNPLUGGED
        return Unplugged(clip, 2, UNPLUGGED)

    camera = Camera(VideoInput("the test camera", open_it, is_live=True), reconnect=True)
    frames = camera.frames()
    got = [next(frames) for _ in range(4)]
    assert [index_of(frame.pixels) for frame in got if isinstance(frame, Captured)] == [0, 1, 0, 1]
    assert len(opened) == 4
    camera.close()
    assert list(frames) == []


def test_a_camera_that_opens_but_says_nothing_is_unavailable_not_refused() -> None:
    def silent() -> Any:
        raise av.error.InvalidDataError(1, "Invalid data found when processing input")

    with pytest.raises(Unavailable, match="the test camera"):
        Camera(VideoInput("the test camera", silent, is_live=True))


def test_closing_ends_the_wait_for_a_lost_camera(clip: Path) -> None:
    camera = Camera(VideoInput("the test camera", lambda: Unplugged(clip, 1, UNPLUGGED), is_live=True), reconnect=True)
    frames = camera.frames()
    next(frames)
    camera.close()
    assert list(frames) == []


@pytest.mark.parametrize(
    "opened",
    [
        partial(open_rtsp, "rtsp://user:secret@127.0.0.1:9/live"),
        partial(open_v4l2, "/dev/video-secret", rate_hz=30, size="640x480"),
    ],
)
def test_a_camera_that_is_not_there_is_unavailable_and_its_address_secret(opened: Callable[[], Camera]) -> None:
    with pytest.raises(Unavailable) as caught:
        opened()
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
