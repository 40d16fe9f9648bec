"""A real RTSP camera: its frames, its loss and its return."""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from huizhen.producers.pick import SourceOptions, open_source
from huizhen.producers.source import Captured
from huizhen.schemas.errors import Unavailable
from tests.services.rtsp import BALL, RtspServer, h264_file
from tests.unit.producers.clips import index_of, picture


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Callable[[str], RtspServer]]:
    servers: list[RtspServer] = []

    def start(launch: str) -> RtspServer:
        servers.append(RtspServer(tmp_path, launch).start())
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def write_h264(path: Path, sizes: list[tuple[int, int]], frames: int, rate_hz: int = 25) -> Path:
    """Raw H.264: `frames` pictures of each size (rows, columns), numbered on; every one a key frame."""
    with path.open("wb") as out:
        for part, (rows, columns) in enumerate(sizes):
            encoder = av.CodecContext.create("libx264", "w")
            encoder.width, encoder.height, encoder.pix_fmt = columns, rows, "yuv420p"
            encoder.framerate = rate_hz
            encoder.options = {"tune": "zerolatency", "crf": "10", "g": "1", "x264-params": "sliced-threads=0:slices=1"}
            for index in range(frames):
                frame = av.VideoFrame.from_ndarray(picture(part * frames + index, rows, columns), format="rgb24")
                frame.pts = index
                for packet in encoder.encode(frame.reformat(format="yuv420p")):
                    out.write(bytes(packet))
            for packet in encoder.encode(None):
                out.write(bytes(packet))
    return path


def test_frames_of_a_camera_arrive_in_order(camera: Callable[[str], RtspServer], tmp_path: Path) -> None:
    server = camera(h264_file(write_h264(tmp_path / "a.h264", [(240, 320)], 25)))
    source = open_source(server.url)
    assert source.description.kind == "camera"
    assert source.description.lossy_image_compression_method == ("ISO_14496_10",)
    frames = [frame for frame in itertools.islice(source.frames(), 20) if isinstance(frame, Captured)]
    source.close()
    indexes = [index_of(frame.pixels) for frame in frames]
    assert len(indexes) == 20
    assert indexes == list(range(indexes[0], indexes[0] + 20))
    assert {frame.pixels.shape for frame in frames} == {(240, 320, 3)}
    stamps_ns = [frame.monotonic_ns for frame in frames]
    assert stamps_ns == sorted(stamps_ns)


def test_a_picture_size_that_changes_is_a_new_geometry_not_a_crash(
    camera: Callable[[str], RtspServer], tmp_path: Path
) -> None:
    server = camera(h264_file(write_h264(tmp_path / "a.h264", [(240, 320), (128, 192)], 12)))
    source = open_source(server.url)
    frames = [frame for frame in itertools.islice(source.frames(), 20) if isinstance(frame, Captured)]
    source.close()
    shapes = [frame.pixels.shape for frame in frames]
    assert list(dict.fromkeys(shapes)) == [(240, 320, 3), (128, 192, 3)]
    for frame in frames:
        assert (frame.geometry.pixels.rows, frame.geometry.pixels.columns) == frame.pixels.shape[:2]


def test_a_camera_that_is_unplugged_is_unavailable(camera: Callable[[str], RtspServer]) -> None:
    server = camera(BALL)
    source = open_source(server.url)
    frames = source.frames()
    got = [next(frames) for _ in range(10)]
    assert all(isinstance(frame, Captured) for frame in got)
    server.stop()
    with pytest.raises(Unavailable) as caught:
        list(frames)
    assert "127.0.0.1" not in str(caught.value)
    assert str(caught.value).startswith("the RTSP camera")


def test_a_camera_that_falls_silent_is_unavailable(camera: Callable[[str], RtspServer], tmp_path: Path) -> None:
    server = camera(h264_file(write_h264(tmp_path / "a.h264", [(240, 320)], 5)))
    with pytest.raises(Unavailable, match="the RTSP camera"):
        list(open_source(server.url).frames())


def test_a_camera_that_comes_back_goes_on(camera: Callable[[str], RtspServer]) -> None:
    server = camera(BALL)
    source = open_source(server.url, SourceOptions(reconnect=True))
    frames = source.frames()
    next(frames)
    server.stop()
    server.start()
    stopped_ns = time.monotonic_ns()
    frame = next(frame for frame in frames if frame.monotonic_ns > stopped_ns + 200_000_000)
    assert isinstance(frame, Captured)
    assert frame.pixels.shape == (240, 320, 3)
    source.close()
    assert list(frames) == []


def test_a_camera_without_that_stream_is_unavailable(camera: Callable[[str], RtspServer]) -> None:
    server = camera(BALL)
    with pytest.raises(Unavailable, match="the RTSP camera"):
        open_source(server.url + "-elsewhere")
