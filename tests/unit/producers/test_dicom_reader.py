"""One open file, asked frame by frame, in any order."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from huizhen.producers.decode_answers import load_geometry, load_refusal, load_summary
from huizhen.producers.decode_wire import Request
from huizhen.producers.dicom_reader import Reader, refusal_of
from huizhen.schemas.errors import Refused
from huizhen.schemas.reasons import RejectReason
from tests.unit.producers.dicom_files import dataset, ramp, write, write_jpeg_ls


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.forget()


def frame(reader: Reader, path: Path, index: int) -> list[int]:
    _, pixels = reader.decoded(reader.coded(Request(str(path), index)))
    return list(bytes(pixels)[:4])


def test_frames_come_in_order_and_out_of_it(reader: Reader, tmp_path: Path) -> None:
    pixels = ramp(frames=4)
    path = write_jpeg_ls(tmp_path / "a.dcm", pixels)
    for index in (0, 1, 2, 3, 1, 3, 0, 0):
        assert frame(reader, path, index) == pixels[index].ravel()[:4].tolist(), index
    reader.forget()
    assert frame(reader, path, 2) == pixels[2].ravel()[:4].tolist()


def test_another_file_may_come_between(reader: Reader, tmp_path: Path) -> None:
    one = write_jpeg_ls(tmp_path / "a.dcm", ramp(frames=2))
    two = write(tmp_path / "b.dcm", dataset(ramp(rows=9)[:, ::-1]))
    assert frame(reader, one, 0) == ramp(frames=2)[0].ravel()[:4].tolist()
    assert frame(reader, two, 0) == ramp(rows=9)[0, ::-1].ravel()[:4].tolist()
    geometry, _ = reader.decoded(reader.coded(Request(str(two), 0)))
    assert load_geometry(geometry).pixels.rows == 9
    assert frame(reader, one, 1) == ramp(frames=2)[1].ravel()[:4].tolist()


def test_a_frame_beyond_the_last_is_bad_dicom(reader: Reader, tmp_path: Path) -> None:
    path = write_jpeg_ls(tmp_path / "a.dcm", ramp(frames=2))
    with pytest.raises(Refused, match="ends before frame 2"):
        reader.coded(Request(str(path), 2))


def test_a_file_is_summed_up(reader: Reader, tmp_path: Path) -> None:
    path = write_jpeg_ls(tmp_path / "a.dcm", ramp(frames=3), FrameTime="40", InstanceNumber=7)
    summary = load_summary(reader.describe(Request(str(path))))
    assert (summary.frames, summary.instance_number, summary.series_instance_uid) == (3, 7, "1.2.3.4")
    assert (summary.offsets_ns, summary.pass_ns) == ((0, 40_000_000, 80_000_000), 120_000_000)
    assert summary.description.rate_hz == pytest.approx(25)
    silent = load_summary(reader.describe(Request(str(write(tmp_path / "b.dcm", dataset(ramp()))))))
    assert (silent.offsets_ns, silent.description.rate_hz) == ((), 10.0)


def test_nonsense_in_the_geometry_refuses_the_file_not_each_frame(reader: Reader, tmp_path: Path) -> None:
    data = dataset(ramp(frames=2), PixelSpacing=[1, 1])
    data["PixelSpacing"]._value = "narrow"
    path = write(tmp_path / "a.dcm", data)
    with pytest.raises(Refused, match="PixelSpacing is not numeric"):
        reader.describe(Request(str(path)))


def test_pixels_of_other_types_travel_as_bytes(reader: Reader, tmp_path: Path) -> None:
    pixels = (ramp().astype(np.int16) - 100) * 9
    path = write(tmp_path / "a.dcm", dataset(pixels))
    geometry, raw = reader.decoded(reader.coded(Request(str(path), 0)))
    assert load_geometry(geometry).pixels.dtype == "int16"
    np.testing.assert_array_equal(np.frombuffer(raw, np.int16).reshape(40, 56), pixels[0])


def test_foreign_errors_do_not_quote_the_file() -> None:
    refusal = load_refusal(refusal_of(ValueError("Doe^Jane is not a number")))
    assert (refusal.reason, refusal.message) == (RejectReason.BAD_DICOM, "the file cannot be read (ValueError)")
    assert load_refusal(refusal_of(MemoryError())).reason is RejectReason.TOO_LARGE
    assert load_refusal(refusal_of(Refused(RejectReason.POLICY, "no"))).message == "no"
