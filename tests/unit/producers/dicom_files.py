"""Make small DICOM files for tests."""

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian

LITTLE = str(ExplicitVRLittleEndian)
BIG = "1.2.840.10008.1.2.2"
IMPLICIT = "1.2.840.10008.1.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
RLE = "1.2.840.10008.1.2.5"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
JPEG_LS = "1.2.840.10008.1.2.4.80"
JPEG_2000 = "1.2.840.10008.1.2.4.90"
HTJ2K = "1.2.840.10008.1.2.4.201"
US_MULTI_FRAME = "1.2.840.10008.5.1.4.1.1.3.1"


def ramp(rows: int = 40, columns: int = 56, frames: int = 1) -> NDArray[np.uint8]:
    """(frames, rows, columns) of 8 bit, every frame another."""
    y, x = np.mgrid[0:rows, 0:columns]
    return np.stack([((3 * x + 5 * y + 40 * n) % 256).astype(np.uint8) for n in range(frames)])


def dataset(frames: NDArray[np.generic], **attributes: Any) -> Dataset:
    """A data set over (frames, rows, columns[, 3]) native pixels; `attributes` come last and win."""
    bits = 8 * frames.dtype.itemsize
    data = Dataset()
    data.SOPClassUID = US_MULTI_FRAME
    data.SOPInstanceUID = "1.2.3.4.5"
    data.StudyInstanceUID = "1.2.3"
    data.SeriesInstanceUID = "1.2.3.4"
    data.Modality = "US"
    data.PatientName = "Doe^Jane"
    data.PatientID = "P1"
    data.Rows, data.Columns = frames.shape[1:3]
    data.NumberOfFrames = frames.shape[0]
    data.SamplesPerPixel = 3 if frames.ndim == 4 else 1
    data.PhotometricInterpretation = "RGB" if frames.ndim == 4 else "MONOCHROME2"
    if frames.ndim == 4:
        data.PlanarConfiguration = 0
    data.BitsAllocated = data.BitsStored = bits
    data.HighBit = bits - 1
    data.PixelRepresentation = 1 if frames.dtype.kind == "i" else 0
    data.PixelData = frames.astype(frames.dtype.newbyteorder("<")).tobytes()
    data["PixelData"].VR = "OW" if bits > 8 else "OB"
    for keyword, value in attributes.items():
        setattr(data, keyword, value)
    return data


def write(path: Path, data: Dataset, syntax: str = LITTLE, coded: list[bytes] | None = None) -> Path:
    """Write the data set; `coded` frames are encapsulated instead of its native pixels."""
    if coded is not None:
        data.PixelData = encapsulate(coded)
        data["PixelData"].VR = "OB"
        data["PixelData"].is_undefined_length = True
    if syntax == BIG and data.BitsAllocated == 16 and coded is None:
        data.PixelData = np.frombuffer(data.PixelData, "<u2").astype(">u2").tobytes()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = syntax
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.save_as(path, enforce_file_format=True)
    return path


def write_jpeg_ls(path: Path, frames: NDArray[np.generic], **attributes: Any) -> Path:
    """Write frames as JPEG-LS lossless."""
    coded = [bytes(imagecodecs.jpegls_encode(frame)) for frame in frames]
    return write(path, dataset(frames, **attributes), JPEG_LS, coded)
