"""A file is parsed only where every length it declares is there."""

import io
import zlib
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from huizhen.producers.dicom_file import DEPTH_MAX, INFLATED_MAX, DicomFile, read_file
from huizhen.schemas.errors import BadInput
from huizhen.schemas.reasons import RejectReason
from tests.unit.producers.dicom_files import BIG, DEFLATED, IMPLICIT, LITTLE, dataset, ramp, write

SIZE = 40 * 56


def parse(content: bytes, allow_deflated: bool = False) -> DicomFile:
    return read_file(io.BytesIO(content), len(content), "test", allow_deflated)


def refused(content: bytes, reason: RejectReason, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        parse(content, allow_deflated=True)
    assert caught.value.reason is reason


@pytest.mark.parametrize("syntax", [LITTLE, IMPLICIT, BIG])
def test_pixels_are_found_whatever_the_encoding(tmp_path: Path, syntax: str) -> None:
    content = write(tmp_path / "a.dcm", dataset(ramp()), syntax).read_bytes()
    file = parse(content)
    assert content[file.pixels_at : file.pixels_at + SIZE] == ramp().tobytes()
    assert file.pixels_bytes == SIZE


def test_nothing_that_is_cut_off_is_parsed(tmp_path: Path) -> None:
    content = write(tmp_path / "a.dcm", dataset(ramp())).read_bytes()
    for end in (0, 100, 131, 200, 300, 600, len(content) - SIZE - 2, len(content) - SIZE, len(content) - 1):
        with pytest.raises(BadInput) as caught:
            parse(content[:end])
        assert caught.value.reason in (RejectReason.BAD_DICOM, RejectReason.POLICY), end


def test_a_truncated_file_says_so(tmp_path: Path) -> None:
    content = write(tmp_path / "a.dcm", dataset(ramp())).read_bytes()
    refused(content[:-10], RejectReason.BAD_DICOM, "declares 2,240 bytes, 2,230 are there: the file is truncated")


@pytest.mark.parametrize("frames", [2, 99])
def test_a_lying_number_of_frames_is_refused(tmp_path: Path, frames: int) -> None:
    content = write(tmp_path / "a.dcm", dataset(ramp(), NumberOfFrames=frames)).read_bytes()
    refused(content, RejectReason.BAD_DICOM, f"has 2,240 bytes, its description says {2240 * frames:,}")


def test_more_pixels_than_described_are_refused(tmp_path: Path) -> None:
    content = write(tmp_path / "a.dcm", dataset(ramp(), Rows=39)).read_bytes()
    refused(content, RejectReason.BAD_DICOM, "its description says 2,184")


def test_an_element_longer_than_the_file_is_refused(tmp_path: Path) -> None:
    content = bytearray(write(tmp_path / "a.dcm", dataset(ramp(), ImageComments="x" * 50)).read_bytes())
    at = content.index(b"x" * 50) - 2
    content[at : at + 2] = (60_000).to_bytes(2, "little")
    refused(bytes(content), RejectReason.BAD_DICOM, "declares 60,000 bytes")


def test_what_is_no_dicom_file_is_refused() -> None:
    refused(b"", RejectReason.BAD_DICOM, "not a DICOM file")
    refused(b"GIF89a" + bytes(500), RejectReason.BAD_DICOM, "not a DICOM file")


def test_an_encrypted_file_says_what_to_do() -> None:
    cms = bytes.fromhex("3080060b2a864886f70d0107030c") + bytes(500)
    refused(cms, RejectReason.BAD_DICOM, "encrypted .* decrypt it first")


def test_a_file_without_pixels_is_refused(tmp_path: Path) -> None:
    data = dataset(ramp())
    del data.PixelData
    refused(write(tmp_path / "a.dcm", data).read_bytes(), RejectReason.BAD_DICOM, "no Pixel Data")


def test_float_pixels_are_refused(tmp_path: Path) -> None:
    data = dataset(ramp())
    del data.PixelData
    data.FloatPixelData = bytes(4)
    refused(write(tmp_path / "a.dcm", data).read_bytes(), RejectReason.BAD_DICOM, "Float Pixel Data")


def test_native_pixels_of_undefined_length_are_refused(tmp_path: Path) -> None:
    content = write(tmp_path / "a.dcm", dataset(ramp())).read_bytes()
    at = content.rindex(SIZE.to_bytes(4, "little"))
    refused(content[:at] + b"\xff" * 4 + content[at + 4 :], RejectReason.BAD_DICOM, "encapsulated")


def nested(depth: int) -> Dataset:
    data = Dataset()
    data.CodeValue = "leaf"
    for _ in range(depth):
        outer = Dataset()
        outer.AnatomicRegionSequence = Sequence([data])
        data = outer
    return data


@pytest.mark.parametrize("undefined", [False, True])
def test_nesting_is_bounded(tmp_path: Path, undefined: bool) -> None:
    for depth, fits in ((DEPTH_MAX, True), (DEPTH_MAX + 1, False)):
        data = dataset(ramp())
        inner = nested(depth).AnatomicRegionSequence
        inner.is_undefined_length = undefined
        data.AnatomicRegionSequence = inner
        content = write(tmp_path / "a.dcm", data).read_bytes()
        if fits:
            assert parse(content).image.rows == 40
        else:
            refused(content, RejectReason.TOO_LARGE, "DEPTH_MAX")


def test_a_deflated_file_is_inflated_where_allowed(tmp_path: Path) -> None:
    content = write(tmp_path / "a.dcm", dataset(ramp()), DEFLATED).read_bytes()
    with pytest.raises(BadInput, match="deflated"):
        parse(content)
    file = parse(content, allow_deflated=True)
    file.stream.seek(file.pixels_at)
    assert file.stream.read(SIZE) == ramp().tobytes()


def test_a_deflate_bomb_is_cut_at_its_limit(tmp_path: Path) -> None:
    content = write(tmp_path / "a.dcm", dataset(ramp()), DEFLATED).read_bytes()
    meta = content[: 128 + 4 + 12 + int.from_bytes(content[140:144], "little")]
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = deflater.compress(bytes(INFLATED_MAX + 1)) + deflater.flush()
    assert len(bomb) < 100_000
    refused(meta + bomb, RejectReason.TOO_LARGE, "INFLATED_MAX")
    refused(meta + bomb[:1000], RejectReason.BAD_DICOM, "ends early")
