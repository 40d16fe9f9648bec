"""Rewrite a stored instance for readers without HTJ2K: JPEG-LS, JPEG 2000 or Explicit VR Little Endian, all lossless.

Archive export and API share it. Frames are decoded and coded one at a time; pixels stay bit for bit what they were, and
attributes that describe their coding follow. The preamble is zeros whatever it was (it can hold a program).
"""

import io
from collections.abc import Iterator
from typing import BinaryIO

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.encaps import generate_frames
from pydicom.filewriter import dcmwrite
from pydicom.pixels.encoders.base import JPEGLSLosslessEncoder
from pydicom.uid import UID, ExplicitVRLittleEndian, HTJ2KLossless, JPEG2000Lossless, JPEGLSLossless

from huizhen.schemas import htj2k
from huizhen.schemas.encapsulate import write_native_header, write_pixel_data
from huizhen.schemas.errors import Refused
from huizhen.schemas.reasons import RejectReason

SYNTAXES: dict[str, UID] = {
    "htj2k": HTJ2KLossless,
    "jpeg-ls": JPEGLSLossless,
    "jpeg2000": JPEG2000Lossless,
    "explicit": ExplicitVRLittleEndian,
}
"""Names for people, and their transfer syntaxes"""


def syntax_of(name: str) -> UID:
    """Give a transfer syntax by its name or UID; raises Refused (policy)."""
    if name in SYNTAXES:
        return SYNTAXES[name]
    if name in SYNTAXES.values():
        return UID(name)
    raise Refused(RejectReason.POLICY, f"transfer syntax must be one of {', '.join(SYNTAXES)}")


def codestreams(dataset: Dataset) -> Iterator[bytes]:
    """Give the codestreams of an instance of ours, without the byte that pads them to even length."""
    fragments = generate_frames(dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames") or 1))
    return (each[:-1] if each.endswith(b"\xff\xd9\0") else each for each in fragments)


def transcode(data: bytes, syntax: UID) -> bytes:
    """Give an instance in another transfer syntax; one whose pixels are not HTJ2K (a mask) only loses its preamble."""
    dataset = dcmread(io.BytesIO(data))
    dataset.preamble = bytes(128)
    out = io.BytesIO()
    if dataset.file_meta.TransferSyntaxUID in (syntax, ExplicitVRLittleEndian):
        dcmwrite(out, dataset, enforce_file_format=True)
        return out.getvalue()
    if dataset.file_meta.TransferSyntaxUID != HTJ2KLossless:
        raise Refused(RejectReason.BAD_DICOM, f"{dataset.file_meta.TransferSyntaxUID} is not how the archive stores")
    pixels = (htj2k.decode(frame) for frame in codestreams(dataset))
    del dataset.PixelData
    _describe(dataset, syntax)
    if syntax == ExplicitVRLittleEndian:
        _write_native(out, dataset, pixels)
    else:
        _write_encapsulated(out, dataset, syntax, pixels)
    return out.getvalue()


def _describe(dataset: Dataset, syntax: UID) -> None:
    dataset.file_meta.TransferSyntaxUID = syntax
    if dataset.SamplesPerPixel == 3:
        dataset.PhotometricInterpretation = "YBR_RCT" if syntax == JPEG2000Lossless else "RGB"
        dataset.PlanarConfiguration = 0


def _write_head(out: BinaryIO, dataset: Dataset) -> None:
    dcmwrite(out, dataset, enforce_file_format=True)
    out.seek(0, io.SEEK_END)


def _write_encapsulated(out: BinaryIO, dataset: Dataset, syntax: UID, pixels: Iterator[NDArray[np.generic]]) -> None:
    encode = _jpeg_ls if syntax == JPEGLSLossless else _jpeg_2000
    coded = [encode(dataset, frame) for frame in pixels]
    _write_head(out, dataset)
    write_pixel_data(out, [len(each) for each in coded], coded)


def _write_native(out: BinaryIO, dataset: Dataset, pixels: Iterator[NDArray[np.generic]]) -> None:
    count = int(dataset.get("NumberOfFrames") or 1)
    size = dataset.Rows * dataset.Columns * dataset.SamplesPerPixel * dataset.BitsAllocated // 8 * count
    _write_head(out, dataset)
    write_native_header(out, size, dataset.BitsAllocated)
    for frame in pixels:
        out.write(frame.astype(frame.dtype.newbyteorder("<"), copy=False).tobytes())
    out.write(b"\0" * (size % 2))


def _jpeg_ls(dataset: Dataset, pixels: NDArray[np.generic]) -> bytes:
    coded: bytes = JPEGLSLosslessEncoder.encode(
        pixels.tobytes(),
        encoding_plugin="pyjpegls",
        number_of_frames=1,
        rows=dataset.Rows,
        columns=dataset.Columns,
        samples_per_pixel=dataset.SamplesPerPixel,
        bits_allocated=dataset.BitsAllocated,
        bits_stored=dataset.BitsStored,
        pixel_representation=dataset.PixelRepresentation,
        photometric_interpretation=dataset.PhotometricInterpretation,
        planar_configuration=0,
    )
    return coded


def _jpeg_2000(dataset: Dataset, pixels: NDArray[np.generic]) -> bytes:
    return bytes(
        imagecodecs.jpeg2k_encode(
            pixels,
            level=0,
            codecformat="j2k",
            reversible=True,
            mct=dataset.SamplesPerPixel == 3,
            bitspersample=int(dataset.BitsStored),
        )
    )
