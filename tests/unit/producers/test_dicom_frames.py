"""Frames come out one by one, and only where all of them are there."""

import io
import struct
from pathlib import Path

import pytest
from pydicom.encaps import encapsulate, encapsulate_extended

from huizhen.producers.dicom_file import DicomFile, read_file
from huizhen.producers.dicom_frames import frames_of
from huizhen.schemas.errors import Refused
from huizhen.schemas.reasons import RejectReason
from tests.unit.producers.dicom_files import BIG, JPEG_LS, LITTLE, dataset, ramp, write

CODED = [b"\xff\xd8one\xff\xd9", b"\xff\xd8second\xff\xd9 ", b"\xff\xd8and third\xff\xd9"]
ITEM = struct.pack("<HH", 0xFFFE, 0xE000)
END = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


def padded(coded: list[bytes]) -> list[bytes]:
    return [one + b"\0" * (len(one) % 2) for one in coded]


def parse(content: bytes) -> DicomFile:
    return read_file(io.BytesIO(content), len(content), "test")


def encapsulated(folder: Path, pixel_data: bytes, frames: int = 3) -> DicomFile:
    """A file whose Pixel Data value is `pixel_data`, as it is."""
    content = write(folder / "a.dcm", dataset(ramp(), NumberOfFrames=frames), JPEG_LS, CODED).read_bytes()
    start = content.rindex(b"\xe0\x7f\x10\x00OB\0\0") + 12
    return parse(content[:start] + pixel_data)


def items(*fragments: bytes) -> bytes:
    return b"".join(ITEM + struct.pack("<L", len(fragment)) + fragment for fragment in fragments)


def refused(file: DicomFile, message: str) -> None:
    with pytest.raises(Refused, match=message) as caught:
        list(frames_of(file))
    assert caught.value.reason is RejectReason.BAD_DICOM


def test_native_frames_are_cut_by_size(tmp_path: Path) -> None:
    pixels = ramp(frames=3)
    content = write(tmp_path / "a.dcm", dataset(pixels), LITTLE).read_bytes()
    assert list(frames_of(parse(content))) == [frame.tobytes() for frame in pixels]


def test_bytes_in_big_endian_words_are_swapped_back_even_across_odd_frames(tmp_path: Path) -> None:
    pixels = ramp(rows=3, columns=5, frames=3)
    flat = pixels.tobytes() + b"\0"
    words = b"".join(flat[at + 1 : at - 1 if at else None : -1] for at in range(0, len(flat), 2))
    data = dataset(pixels, PixelData=words)
    data["PixelData"].VR = "OW"
    content = write(tmp_path / "a.dcm", data, BIG).read_bytes()
    assert list(frames_of(parse(content))) == [frame.tobytes() for frame in pixels]


def test_fragments_are_frames_with_and_without_an_offset_table(tmp_path: Path) -> None:
    for has_table in (True, False):
        file = encapsulated(tmp_path, encapsulate(CODED, has_bot=has_table) + END)
        assert list(frames_of(file)) == padded(CODED)


def test_several_fragments_make_a_frame(tmp_path: Path) -> None:
    by_table = encapsulate(CODED, fragments_per_frame=2, has_bot=True)
    by_ends = encapsulate(CODED, fragments_per_frame=2, has_bot=False)
    for pixel_data in (by_table, by_ends):
        assert list(frames_of(encapsulated(tmp_path, pixel_data + END))) == padded(CODED)
    alone = encapsulated(tmp_path, encapsulate([b"".join(padded(CODED))], fragments_per_frame=3) + END, frames=1)
    assert list(frames_of(alone)) == [b"".join(padded(CODED))]


def test_an_extended_offset_table_is_used_and_checked(tmp_path: Path) -> None:
    pixel_data, offsets, lengths = encapsulate_extended(CODED)
    data = dataset(ramp(), NumberOfFrames=3, ExtendedOffsetTable=offsets, ExtendedOffsetTableLengths=lengths)
    content = write(tmp_path / "a.dcm", data, JPEG_LS, CODED).read_bytes()
    start = content.rindex(b"\xe0\x7f\x10\x00OB\0\0") + 12
    good = content[:start] + pixel_data + END
    assert list(frames_of(parse(good))) == padded(CODED)
    refused(parse(good.replace(lengths, struct.pack("<3Q", 8, 8, 1 << 60))), "points outside")
    refused(parse(good.replace(offsets, struct.pack("<3Q", 0, 1 << 40, 0))), "points outside")


@pytest.mark.parametrize("frames", [2, 4])
def test_another_number_of_frames_than_declared_is_refused(tmp_path: Path, frames: int) -> None:
    for has_table in (True, False):
        pixel_data = encapsulate(CODED, has_bot=has_table) + END
        refused(encapsulated(tmp_path, pixel_data, frames), f"NumberOfFrames is {frames}, Pixel Data holds 3")


@pytest.mark.parametrize("cut", [1, 8, 9, 12])
def test_a_file_cut_in_its_last_fragment_is_refused(tmp_path: Path, cut: int) -> None:
    whole = encapsulate(CODED) + END
    refused(encapsulated(tmp_path, whole[:-cut]), "truncated")


@pytest.mark.parametrize(
    "pixel_data",
    [
        b"",
        items(b"") + END,  # no fragment at all
        items(b"", b"ab") + items(b"cd")[:-2],
        items(b"") + b"\x01\x02\x03\x04" * 4,  # neither item nor end
        items(b"") + ITEM + b"\xff\xff\xff\xff" + END,  # an item without length
        items(b"abc") + END,  # an offset table of 3 bytes
    ],
)
def test_a_broken_sequence_of_fragments_is_refused(tmp_path: Path, pixel_data: bytes) -> None:
    file = encapsulated(tmp_path, pixel_data)
    with pytest.raises(Refused) as caught:
        list(frames_of(file))
    assert caught.value.reason is RejectReason.BAD_DICOM
