"""Read a patient's file (DICOM PS3.10) within bounds: what it is, the content of a report, the PDF in it.

pydicom forgives much and its work is the file's to choose, so this runs in a child process limited in memory and time
(`file_child`). Pixels are not decoded here. A refusal is a `FileRefused` whose words quote nothing of the file.
"""

import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

from pydantic import ValidationError
from pydicom import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from huizhen.api.file_shapes import FRAMES_MAX, SIDE_MAX, TITLE_MAX_CHARS, FileFacts

PREAMBLE_BYTES = 128
PIXEL_DATA = 0x7FE00010
UNDEFINED = 0xFFFFFFFF
ITEM = struct.Struct("<LL")
ITEM_TAG, ITEMS_END = 0xE000FFFE, 0xE0DDFFFE  # as they read little endian
ITEMS_MAX = 200_000  # fragments of a file; one or two a frame are usual
ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"
STRUCTURED_REPORTS = "1.2.840.10008.5.1.4.1.1.88."
NATIVE = frozenset({ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian})
CODED = frozenset({
    JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1, JPEGLSLossless, JPEGLSNearLossless,
    JPEG2000Lossless, UID("1.2.840.10008.1.2.4.91"), HTJ2KLossless, HTJ2KLosslessRPCL, UID("1.2.840.10008.1.2.4.203"),
    RLELossless,
})  # fmt: skip
"""What the page's decoders read"""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


@dataclass(eq=False)
class FileRefused(Exception):
    """A file that is not taken: the status of the answer, and why."""

    status: int
    detail: str

    def __str__(self) -> str:
        return self.detail


@dataclass(frozen=True, slots=True)
class Read:
    """A file up to its pixels."""

    data: Dataset
    syntax: UID
    pixels: int | None
    """Declared length of Pixel Data; None where there is none"""
    pixels_at: int
    """Where the value of Pixel Data begins in the stream"""
    stream: BinaryIO


def read(stream: BinaryIO, size: int) -> Read:
    """Parse a file of `size` bytes up to its pixels; raises FileRefused."""
    try:
        return _read(stream, size)
    except (FileRefused, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - hostile bytes provoke any error of pydicom: here they enter
        raise FileRefused(422, f"the file does not parse ({type(error).__name__})") from None


def describe(stream: BinaryIO, size: int) -> FileFacts:
    """Say what a file is; raises FileRefused."""
    found = read(stream, size)
    try:
        return _facts(found, size)
    except (FileRefused, MemoryError):
        raise
    except ValidationError as error:
        keyword = str(error.errors()[0]["loc"][0])
        raise FileRefused(422, f"{keyword} is not what the standard allows") from None
    except Exception as error:  # noqa: BLE001 - pydicom converts values when they are asked for
        raise FileRefused(422, f"a value of the file does not parse ({type(error).__name__})") from None


def words(data: Dataset, keyword: str, limit: int = TITLE_MAX_CHARS) -> str:
    """Give a value as one line of plain text."""
    return CONTROL.sub(" ", str(data.get(keyword, "") or ""))[:limit].strip()


def _read(stream: BinaryIO, size: int) -> Read:
    if stream.read(PREAMBLE_BYTES + 4)[PREAMBLE_BYTES:] != b"DICM":
        raise FileRefused(415, "this is no DICOM file (PS3.10): choose files as a CD or a PACS gives them")
    meta = read_dataset(stream, False, True, stop_when=_is_past_meta)
    syntax = UID(words(meta, "TransferSyntaxUID"))
    if syntax == DeflatedExplicitVRLittleEndian:
        raise FileRefused(422, "a deflated file is not taken: store it in Explicit VR Little Endian")
    if syntax not in NATIVE | CODED:
        raise FileRefused(422, "the page cannot show this transfer syntax: store the file in Explicit VR Little Endian")
    pixels: list[int] = []

    def is_pixels(tag: BaseTag, _vr: str | None, length: int) -> bool:
        if int(tag) != PIXEL_DATA:
            return False
        pixels.extend((int(length), stream.tell()))
        return True

    data = read_dataset(stream, syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian, stop_when=is_pixels)
    _check_lengths(data, size)
    return Read(data, syntax, pixels[0] if pixels else None, pixels[1] if pixels else size, stream)


def _is_past_meta(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return bool(tag.group != 2)


def _check_lengths(data: Dataset, size: int) -> None:
    for tag in data.keys():  # noqa: SIM118 - iterating a Dataset would convert its elements
        element = data.get_item(tag)
        length, at = getattr(element, "length", 0), getattr(element, "value_tell", 0)
        if length != UNDEFINED and at + length > size:
            raise FileRefused(422, "the file is cut short: an element declares more bytes than are there")


def _facts(found: Read, size: int) -> FileFacts:
    data = found.data
    sop_class = words(data, "SOPClassUID")
    rows, columns, frames, kind = 0, 0, 0, "pdf"
    if sop_class.startswith(STRUCTURED_REPORTS):
        kind = "sr"
    elif sop_class != ENCAPSULATED_PDF:
        kind, (rows, columns, frames) = "images", _image(found, size)
    titles = ("DocumentTitle", "SeriesDescription", "StudyDescription")
    return FileFacts.model_validate(
        {
            "kind": kind,
            "patient_id": words(data, "PatientID"),
            "issuer_of_patient_id": words(data, "IssuerOfPatientID"),
            "sop_class_uid": sop_class,
            "study_instance_uid": words(data, "StudyInstanceUID"),
            "series_instance_uid": words(data, "SeriesInstanceUID"),
            "sop_instance_uid": words(data, "SOPInstanceUID"),
            "transfer_syntax_uid": str(found.syntax),
            "modality": words(data, "Modality"),
            "title": next(filter(None, (words(data, keyword) for keyword in titles)), ""),
            "study_date": words(data, "StudyDate").replace(".", ""),
            "rows": rows,
            "columns": columns,
            "frames": frames,
        }
    )


def _image(found: Read, size: int) -> tuple[int, int, int]:
    """Give rows, columns and frames of an image whose description agrees with its bytes."""
    if found.pixels is None:
        raise FileRefused(415, "the file is neither an image, nor a structured report, nor a PDF")
    data = found.data
    rows, columns = int(data.Rows), int(data.Columns)
    frames, samples, bits = int(data.get("NumberOfFrames") or 1), int(data.SamplesPerPixel), int(data.BitsAllocated)
    if samples not in {1, 3} or bits not in {8, 16} or int(data.BitsStored) > bits:
        raise FileRefused(422, f"{samples} samples of {bits} bits a pixel are not shown: 1 or 3, of 8 or 16 bits are")
    if not (1 <= rows <= SIDE_MAX and 1 <= columns <= SIDE_MAX and 1 <= frames <= FRAMES_MAX):
        raise FileRefused(422, f"at most {SIDE_MAX} pixels a side and {FRAMES_MAX} frames are shown")
    if (found.syntax in CODED) != (found.pixels == UNDEFINED):
        raise FileRefused(422, "the pixels are not in the form that the transfer syntax says")
    if found.syntax in CODED:
        _check_items(found.stream, found.pixels_at, size)
    else:
        halved = words(data, "PhotometricInterpretation") == "YBR_FULL_422"
        _check_native(found, size, rows * columns * (2 if halved else samples) * frames * bits // 8)
    return rows, columns, frames


def _check_items(stream: BinaryIO, at: int, size: int) -> None:
    """Walk the items of coded pixels: each must lie within the file, and a delimiter must end them."""
    for _ in range(ITEMS_MAX):
        stream.seek(at)
        head = stream.read(ITEM.size)
        if len(head) < ITEM.size:
            break
        tag, length = ITEM.unpack(head)
        if tag == ITEMS_END:
            return
        at += ITEM.size + length
        if tag != ITEM_TAG or at > size:
            break
    raise FileRefused(422, "the file is cut short: its coded pixels do not end where they should")


def _check_native(found: Read, size: int, needed: int) -> None:
    assert found.pixels is not None, "an image has pixels"  # noqa: S101 - a promise of ours
    if found.pixels_at + found.pixels > size or found.pixels < needed:
        raise FileRefused(422, "the file is cut short: it has fewer pixels than it says")
