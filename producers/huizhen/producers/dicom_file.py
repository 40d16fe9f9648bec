"""Parse a DICOM file (PS3.10) up to its pixels, with pydicom, within bounds.

pydicom forgives much: it stops quietly at the end of a truncated file and reads lengths beyond it. So every declared
length is compared with the bytes that are there, and nesting is bounded. Values above DEFER_BYTES are not read until
asked for. Nothing here survives a hostile file by itself: the caller is a child process limited in memory and time.
"""

import io
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag

from huizhen.producers.dicom_image import ImagePixel, read_image_pixel
from huizhen.producers.dicom_syntax import Syntax, syntax_of
from huizhen.producers.dicom_values import bad_dicom, text
from huizhen.schemas.errors import BadInput, TooLarge

PREAMBLE_BYTES = 128
DEFER_BYTES = 64 << 10  # larger values (LUTs, icons) stay in the file until needed
INFLATED_MAX = 64 << 20  # a deflated data set is held in memory beside its frame, in 256 MB
DEPTH_MAX = 16  # sequences in sequences: real files have under 8
PIXEL_DATA = 0x7FE00010
FLOAT_PIXEL_DATA = (0x7FE00008, 0x7FE00009)
UNDEFINED = 0xFFFFFFFF
CMS_OID = bytes.fromhex("2a864886f70d0107")  # 1.2.840.113549.1.7: what a DICOM Secure file (PS3.15) begins with


@dataclass(frozen=True, slots=True)
class DicomFile:
    """A parsed file; its pixels are still in `stream`."""

    data: Dataset
    syntax: Syntax
    image: ImagePixel
    stream: BinaryIO
    size: int
    """Bytes of `stream`"""
    pixels_at: int
    """Where the value of Pixel Data begins in `stream`"""
    pixels_bytes: int
    """Declared length of Pixel Data; UNDEFINED where it is encapsulated"""
    is_word_swapped: bool
    """8-bit samples lie in big endian 16-bit words (VR OW)"""


class _PixelElement:
    """Stops pydicom at Pixel Data and remembers it."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.tag = 0
        self.vr = ""
        self.length = 0
        self.at = 0

    def __call__(self, tag: BaseTag, vr: str | None, length: int) -> bool:
        if tag not in (PIXEL_DATA, *FLOAT_PIXEL_DATA):
            return False
        self.tag, self.vr, self.length, self.at = int(tag), vr or "", length, self.stream.tell()
        return True


def read_file(stream: BinaryIO, size: int, name: str, allow_deflated: bool = False) -> DicomFile:
    """Parse the file in `stream` (`size` bytes, reopened as `name` for deferred values).

    Refused says bad_dicom or policy, TooLarge the limit.
    """
    try:
        return _parsed(stream, size, name, allow_deflated)
    except (BadInput, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - hostile bytes provoke any error of pydicom: here they enter
        raise bad_dicom(f"the file does not parse ({type(error).__name__})") from None


def _parsed(stream: BinaryIO, size: int, name: str, allow_deflated: bool) -> DicomFile:
    _check_magic(stream)
    meta = read_dataset(stream, False, True, stop_when=_is_past_meta, defer_size=DEFER_BYTES)
    syntax = syntax_of(text(meta, "TransferSyntaxUID"), allow_deflated)
    deferred: int | None = DEFER_BYTES
    if syntax.is_deflated:
        stream = io.BytesIO(_inflate(stream))
        size = stream.getbuffer().nbytes
        deferred = None
    pixels = _PixelElement(stream)
    body = read_dataset(stream, syntax.is_implicit, syntax.is_little_endian, stop_when=pixels, defer_size=deferred)
    data = FileDataset(name, body, None, FileMetaDataset(meta), syntax.is_implicit, syntax.is_little_endian)
    _check_lengths(data, size)
    _check_depth(data, 0)
    if pixels.tag in FLOAT_PIXEL_DATA:
        raise bad_dicom("Float Pixel Data is not replayed")
    if pixels.tag != PIXEL_DATA:
        raise bad_dicom("no Pixel Data before the end of the file: it is truncated, or holds no image")
    image = read_image_pixel(data, syntax)
    _check_pixels(pixels, image, syntax, size)
    swapped = not syntax.is_little_endian and image.bits_allocated == 8 and pixels.vr == "OW"
    return DicomFile(data, syntax, image, stream, size, pixels.at, pixels.length, swapped)


def _is_past_meta(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return bool(tag.group != 2)


def _check_magic(stream: BinaryIO) -> None:
    start = stream.read(PREAMBLE_BYTES + 4)
    if start[PREAMBLE_BYTES:] == b"DICM":
        return
    if CMS_OID in start[:64]:
        raise bad_dicom("the file is encrypted (CMS, PS3.15 secure file): decrypt it first")
    raise bad_dicom("not a DICOM file: no DICM after the 128-byte preamble")


def _inflate(stream: BinaryIO) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = inflater.decompress(stream.read(INFLATED_MAX), INFLATED_MAX)
    if inflater.unconsumed_tail or len(inflated) >= INFLATED_MAX:
        raise TooLarge("inflated data set", INFLATED_MAX, INFLATED_MAX, "INFLATED_MAX")
    if not inflater.eof:
        raise bad_dicom("the deflated data set ends early")
    return inflated


def _check_lengths(data: Dataset, size: int) -> None:
    for tag in data.keys():  # noqa: SIM118 - iterating a Dataset would convert its elements
        element = data.get_item(tag)
        if isinstance(element, RawDataElement) and element.length != UNDEFINED:
            _check_present(str(element.tag), element.value_tell, element.length, size)


def _check_present(thing: str, at: int, length: int, size: int) -> None:
    if at + length > size:
        raise bad_dicom(f"{thing} declares {length:,} bytes, {max(0, size - at):,} are there: the file is truncated")


def _check_depth(data: Dataset, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise TooLarge("nesting of sequences", depth, DEPTH_MAX, "DEPTH_MAX")
    for tag in data.keys():  # noqa: SIM118 - iterating a Dataset would convert its elements
        if _is_sequence(data, tag):
            for item in data[tag].value or ():
                _check_depth(item, depth + 1)


def _is_sequence(data: Dataset, tag: BaseTag) -> bool:
    element = data.get_item(tag)
    vr = element.VR
    if vr is None or vr == "UN":
        vr = dictionary_VR(tag) if dictionary_has_tag(tag) else vr
    return bool(vr == "SQ")


def _check_pixels(pixels: _PixelElement, image: ImagePixel, syntax: Syntax, size: int) -> None:
    if syntax.is_encapsulated != (pixels.length == UNDEFINED):
        raise bad_dicom("Pixel Data is encapsulated and the transfer syntax native, or the other way round")
    if syntax.is_encapsulated:
        return
    _check_present("Pixel Data", pixels.at, pixels.length, size)
    needed = image.native_frame_bytes * image.number_of_frames
    if pixels.length not in (needed, needed + needed % 2):
        raise bad_dicom(f"Pixel Data has {pixels.length:,} bytes, its description says {needed:,}")
