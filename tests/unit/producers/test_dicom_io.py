"""Files are replayed at their own pace, in order, and what cannot be read is counted."""

import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from huizhen.producers.dicom_io import open_dicom
from huizhen.producers.source import Captured, Failed
from huizhen.schemas.errors import BadInput, Refused, Unavailable
from huizhen.schemas.reasons import RejectReason
from tests.unit.producers.dicom_files import JPEG_LS, dataset, ramp, write, write_jpeg_ls

MS = 1_000_000


def test_a_clip_is_replayed_when_its_frames_are_due(tmp_path: Path) -> None:
    pixels = ramp(frames=5)
    path = write_jpeg_ls(tmp_path / "a.dcm", pixels, FrameTimeVector=[0, 20, 60, 20, 20])
    source = open_dicom(path)
    before_ns, origin_ns = time.time_ns(), time.monotonic_ns()
    frames = [frame for frame in source.frames() if isinstance(frame, Captured)]
    for frame, expected in zip(frames, pixels, strict=True):
        np.testing.assert_array_equal(frame.pixels, expected)
    for frame, due_ms in zip(frames, (0, 20, 80, 100, 120), strict=True):
        assert frame.monotonic_ns - origin_ns >= due_ms * MS  # never early; how late depends on the machine
    utc = [frame.captured_at_ns for frame in frames]
    assert utc == sorted(utc)
    assert before_ns <= utc[0]
    assert utc[-1] <= time.time_ns()
    assert source.description.rate_hz == pytest.approx(5 / 0.15, abs=0.01)


def test_the_rate_may_be_set(tmp_path: Path) -> None:
    path = write_jpeg_ls(tmp_path / "a.dcm", ramp(frames=3), FrameTime="5000")
    source = open_dicom(path, rate_hz=500)
    assert source.description.rate_hz == 500
    assert len(list(source.frames())) == 3
    with pytest.raises(Refused, match="RATE_MAX_HZ"):
        open_dicom(path, rate_hz=0)


def test_a_loop_goes_on_at_the_same_pace(tmp_path: Path) -> None:
    pixels = ramp(frames=3)
    source = open_dicom(write_jpeg_ls(tmp_path / "a.dcm", pixels, FrameTime="10"), loop=True)
    frames, origin_ns = source.frames(), time.monotonic_ns()
    got = [next(frames) for _ in range(8)]
    for index, frame in enumerate(got):
        assert isinstance(frame, Captured)
        np.testing.assert_array_equal(frame.pixels, pixels[index % 3])
    assert got[7].monotonic_ns - origin_ns >= 70 * MS
    source.close()
    assert list(frames) == []


def test_close_ends_a_sleeping_replay_from_another_thread(tmp_path: Path) -> None:
    source = open_dicom(write_jpeg_ls(tmp_path / "a.dcm", ramp(frames=2), FrameTime="600000"))
    frames = source.frames()
    next(frames)
    threading.Timer(0.05, source.close).start()
    assert list(frames) == []


def test_a_source_that_is_never_played_leaves_no_process(tmp_path: Path) -> None:
    source = open_dicom(write_jpeg_ls(tmp_path / "a.dcm", ramp()))
    children = {child.pid for child in psutil.Process().children()}
    source.close()
    assert len(children - {child.pid for child in psutil.Process().children()}) == 1
    assert list(source.frames()) == []


def test_a_series_is_played_by_instance_number_and_each_image_has_its_geometry(tmp_path: Path) -> None:
    pixels = (ramp(frames=4).astype(np.int16) - 100) * 7
    for number, name in ((3, "a"), (1, "c"), (2, "b"), (4, "d")):
        image = pixels[number - 1 : number]
        if number == 4:
            image = image[:, :32]  # another size in the middle of a stream
        data = dataset(image, InstanceNumber=number, ImagePositionPatient=[0, 0, number], Modality="CT")
        data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
        write(tmp_path / name, data)
    (tmp_path / "README").write_text("not an image")
    (tmp_path / "DICOMDIR").write_bytes(bytes(128) + b"DICM")
    source = open_dicom(tmp_path, rate_hz=200)
    assert source.description.kind == "ct"
    assert source.description.sop_class_uid == "1.2.840.10008.5.1.4.1.1.2"
    frames = [frame for frame in source.frames() if isinstance(frame, Captured)]
    assert [frame.pixels.shape for frame in frames] == [(40, 56)] * 3 + [(32, 56)]
    np.testing.assert_array_equal(frames[2].pixels, pixels[2])
    assert len({frame.geometry.dicom_json for frame in frames}) == 4
    assert frames[3].geometry.pixels.rows == 32


def test_an_unreadable_file_of_a_folder_comes_last_and_whole(tmp_path: Path) -> None:
    write(tmp_path / "a.dcm", dataset(ramp(), InstanceNumber=1))
    whole = write(tmp_path / "b.dcm", dataset(ramp(), InstanceNumber=2)).read_bytes()
    (tmp_path / "b.dcm").write_bytes(whole[:-9])
    good, bad = list(open_dicom(tmp_path, rate_hz=200).frames())
    assert isinstance(good, Captured)
    assert isinstance(bad, Failed)
    assert bad.original == whole[:-9]
    assert bad.reason is RejectReason.BAD_DICOM
    assert "truncated" in bad.message
    assert bad.monotonic_ns >= good.monotonic_ns


def test_a_frame_that_does_not_decode_is_failed_with_its_bytes_and_the_rest_goes_on(tmp_path: Path) -> None:
    import imagecodecs

    pixels = ramp(frames=3)
    coded = [bytes(imagecodecs.jpegls_encode(frame)) for frame in pixels]
    coded[1] = b"rubbish "
    path = write(tmp_path / "a.dcm", dataset(pixels, FrameTime="5"), JPEG_LS, coded)
    one, two, three = open_dicom(path).frames()
    assert isinstance(two, Failed)
    assert two.original == b"rubbish "
    assert (type(one), type(three)) == (Captured, Captured)


def test_several_series_in_a_folder_want_a_choice(tmp_path: Path) -> None:
    for name, series in (("a", "1.2.7"), ("b", "1.2.8"), ("c", "1.2.8")):
        write(tmp_path / name, dataset(ramp(), SeriesInstanceUID=series))
    with pytest.raises(Refused, match=r"2 series: name one by `series`: 1\.2\.7, 1\.2\.8"):
        open_dicom(tmp_path)
    with pytest.raises(Refused, match="2 series, and not the one wanted"):
        open_dicom(tmp_path, series="1.2.9")
    source = open_dicom(tmp_path, series="1.2.8", rate_hz=200)
    assert len(list(source.frames())) == 2


def test_what_cannot_be_replayed_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the folder holds no DICOM image"):
        open_dicom(tmp_path)
    with pytest.raises(Unavailable, match="'nowhere'"):
        open_dicom(tmp_path / "nowhere")
    (tmp_path / "only.dcm").write_bytes(bytes(128) + b"DICM" + bytes(40))
    with pytest.raises(BadInput):
        open_dicom(tmp_path / "only.dcm")
    with pytest.raises(Refused, match="the first is refused"):
        open_dicom(tmp_path)
