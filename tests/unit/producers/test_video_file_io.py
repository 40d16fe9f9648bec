"""Video files are replayed by their own time stamps, whatever is in them."""

import time
from pathlib import Path

import pytest

from huizhen.producers.source import Captured, Failed
from huizhen.producers.video_file_io import open_video_file
from huizhen.schemas.errors import BadInput, Refused
from huizhen.schemas.reasons import RejectReason
from tests.unit.producers.clips import index_of, write_changing_mjpeg, write_clip

MS = 1_000_000


def test_a_clip_is_replayed_in_order_and_in_time(tmp_path: Path) -> None:
    source = open_video_file(write_clip(tmp_path / "a.mp4", 8, rate_hz=50))
    assert source.description.rate_hz == pytest.approx(50)
    assert source.description.lossy_image_compression_method == ("ISO_14496_10",)
    before_ns = time.monotonic_ns()
    frames = [frame for frame in source.frames() if isinstance(frame, Captured)]
    assert [index_of(frame.pixels) for frame in frames] == list(range(8))
    assert {(frame.pixels.shape, frame.geometry.photometric_interpretation) for frame in frames} == {
        ((48, 64, 3), "RGB")
    }
    for index, frame in enumerate(frames):
        assert frame.monotonic_ns - before_ns >= 20 * index * MS, "never early; how late depends on the machine"


def test_a_lossless_codec_gives_the_very_pixels(tmp_path: Path) -> None:
    source = open_video_file(write_clip(tmp_path / "a.mkv", 3, codec="ffv1", pixel_format="bgr0"), rate_hz=500)
    assert source.description.lossy_image_compression == "00"
    frames = [frame for frame in source.frames() if isinstance(frame, Captured)]
    assert [frame.pixels[0, 0].tolist() for frame in frames] == [[40, 90, 160], [48, 90, 160], [56, 90, 160]]


def test_grey_stays_grey(tmp_path: Path) -> None:
    source = open_video_file(write_clip(tmp_path / "a.mkv", 2, codec="ffv1", pixel_format="gray"), rate_hz=500)
    frames = [frame for frame in source.frames() if isinstance(frame, Captured)]
    assert [frame.pixels.shape for frame in frames] == [(48, 64)] * 2
    assert frames[0].geometry.photometric_interpretation == "MONOCHROME2"


def test_the_picture_size_may_change_in_mid_stream(tmp_path: Path) -> None:
    source = open_video_file(write_changing_mjpeg(tmp_path / "a.mjpeg"), rate_hz=200)
    frames = [frame for frame in source.frames() if isinstance(frame, Captured)]
    assert [frame.pixels.shape for frame in frames] == [(48, 64, 3)] * 3 + [(32, 96, 3)] * 3
    assert [frame.geometry.pixels.columns for frame in frames] == [64] * 3 + [96] * 3
    assert [index_of(frame.pixels) for frame in frames] == list(range(6))


def test_a_loop_begins_again(tmp_path: Path) -> None:
    source = open_video_file(write_clip(tmp_path / "a.mp4", 3, rate_hz=50), loop=True)
    frames, before_ns = source.frames(), time.monotonic_ns()
    got = [next(frames) for _ in range(7)]
    assert [index_of(frame.pixels) for frame in got if isinstance(frame, Captured)] == [0, 1, 2, 0, 1, 2, 0]
    assert got[6].monotonic_ns - before_ns >= 120 * MS
    source.close()
    assert list(frames) == []


def test_a_file_that_breaks_off_gives_what_it_has(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "a.ts", 20, codec="mpeg2video").read_bytes()
    (tmp_path / "b.ts").write_bytes(whole[: len(whole) // 2] + b"\0" * 300)
    frames = list(open_video_file(tmp_path / "b.ts", rate_hz=500).frames())
    assert sum(isinstance(frame, Captured) for frame in frames) >= 3
    assert len(frames) < 20


def test_a_packet_that_does_not_decode_is_failed_with_its_bytes(tmp_path: Path) -> None:
    path = write_changing_mjpeg(tmp_path / "a.mjpeg")
    content = bytearray(path.read_bytes())
    second = content.index(b"\xff\xd8", 10)
    scan = content.index(b"\xff\xc0", second)
    content[scan + 5 : scan + 9] = b"\0\0\0\0"  # a picture of no size
    path.write_bytes(content)
    frames = list(open_video_file(path, rate_hz=500).frames())
    failed = [frame for frame in frames if isinstance(frame, Failed)]
    assert len(failed) == 1
    assert failed[0].reason is RejectReason.BAD_CODESTREAM
    assert failed[0].original.startswith(b"\xff\xd8")
    assert len(frames) == 6


@pytest.mark.parametrize("content", [b"", b"not a video at all " * 50, b"\0" * 4000])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(BadInput, match="no video"):
        open_video_file(tmp_path / "a.mp4")


def test_a_playlist_cannot_make_the_station_call_anywhere(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(BadInput, match="no video"):
        open_video_file(tmp_path / "a.ts")


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, 1001.0, float("nan")])
def test_an_impossible_rate_is_refused(tmp_path: Path, rate_hz: float) -> None:
    with pytest.raises(Refused, match="up to 1000"):
        open_video_file(tmp_path / "a.mp4", rate_hz=rate_hz)
