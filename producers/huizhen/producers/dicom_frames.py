"""Give the coded frames of a parsed DICOM file one after the other, never more than one in memory.

Fragments are grouped to frames by pydicom (PS3.5 A.4); before, the fragments are checked to be all there.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from pydicom.encaps import generate_fragmented_frames, generate_frames, parse_basic_offsets, parse_fragments

from huizhen.producers.dicom_file import DicomFile
from huizhen.producers.dicom_values import bad_dicom
from huizhen.schemas.errors import TooLarge

ITEM_BYTES = 8  # tag and length of an item
SEQUENCE_DELIMITER = struct.pack("<HH", 0xFFFE, 0xE0DD)
FRAGMENTS_MAX = 400_000  # four a frame at the limit of frames
Offsets = tuple[list[int], list[int]]


def frames_of(file: DicomFile) -> Iterator[bytes]:
    """Yield each frame's coded bytes, in order; Refused(bad_dicom) at once where the layout is wrong."""
    return _fragmented(file) if file.syntax.is_encapsulated else _native(file)


def _native(file: DicomFile) -> Iterator[bytes]:
    size = file.image.native_frame_bytes
    # the bytes are there, read_file compared; an odd 8-bit frame in swapped words begins in the middle of one
    for index in range(file.image.number_of_frames):
        start = index * size
        lead = start % 2 if file.is_word_swapped else 0
        file.stream.seek(file.pixels_at + start - lead)
        coded = file.stream.read(size + lead + (size + lead) % 2 if file.is_word_swapped else size)
        yield _swapped(coded)[lead : lead + size] if file.is_word_swapped else coded


def _swapped(coded: bytes) -> bytes:
    out = bytearray(coded)
    out[0::2], out[1::2] = coded[1::2], coded[0::2]
    return bytes(out)


def _fragmented(file: DicomFile) -> Iterator[bytes]:
    extended = _extended_offsets(file)
    try:
        _check_fragments(file, extended)
    except (ValueError, struct.error):
        raise bad_dicom("the fragments of Pixel Data are not a sequence of items with lengths") from None
    file.stream.seek(file.pixels_at)
    count = file.image.number_of_frames
    frames: Iterator[bytes] = generate_frames(file.stream, number_of_frames=count, extended_offsets=extended)
    return frames


def _extended_offsets(file: DicomFile) -> Offsets | None:
    if "ExtendedOffsetTable" not in file.data or "ExtendedOffsetTableLengths" not in file.data:
        return None
    count = file.image.number_of_frames
    tables = [file.data[keyword].value for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")]
    if any(not isinstance(table, bytes) or len(table) != 8 * count for table in tables):
        raise bad_dicom(f"Extended Offset Table and its lengths must have one entry for each of {count} frames")
    offsets, lengths = (list(struct.unpack(f"<{count}Q", table)) for table in tables)
    return offsets, lengths


def _check_fragments(file: DicomFile, extended: Offsets | None) -> None:
    frames, stream = file.image.number_of_frames, file.stream
    stream.seek(file.pixels_at)
    offsets = parse_basic_offsets(stream)
    first = stream.tell()
    fragments, positions = parse_fragments(stream)
    if not fragments:
        raise bad_dicom("Pixel Data holds no fragment")
    if fragments > FRAGMENTS_MAX:
        raise TooLarge("fragments of Pixel Data", fragments, FRAGMENTS_MAX, "FRAGMENTS_MAX")
    end = _end_of(stream, positions[-1])
    if end is None or end > file.size - ITEM_BYTES:
        raise bad_dicom("the last fragment of Pixel Data is cut off: the file is truncated")
    if extended:
        if any(first + at + ITEM_BYTES + length > end for at, length in zip(*extended, strict=True)):
            raise bad_dicom("the Extended Offset Table points outside Pixel Data")
        return
    found = len(offsets) if offsets else _count_frames(file, fragments)
    if found != frames:
        raise bad_dicom(f"NumberOfFrames is {frames}, Pixel Data holds {found} frames in {fragments} fragments")


def _end_of(stream: BinaryIO, position: int) -> int | None:
    """Give the end of the fragment at `position` if the sequence delimiter follows it."""
    stream.seek(position + 4)
    length: int = struct.unpack("<L", stream.read(4))[0]
    stream.seek(position + ITEM_BYTES + length)
    return position + ITEM_BYTES + length if stream.read(4) == SEQUENCE_DELIMITER else None


def _count_frames(file: DicomFile, fragments: int) -> int:
    frames = file.image.number_of_frames
    if frames in (1, fragments) or fragments < frames:
        return frames if frames in (1, fragments) else fragments
    # no offset table and several fragments a frame: only the ends of the codestreams tell
    file.stream.seek(file.pixels_at)
    return sum(1 for _ in generate_fragmented_frames(file.stream, number_of_frames=frames))
