"""The real frames that filling is measured on: DICOM pixels shipped by the packages pydicom and pydicom-data.

TUNING frames were looked at while choosing parameters and fitting operators; HELD_OUT frames never were.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import imagecodecs
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_frames

LJPEG = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")  # pydicom has no free decoder for these


@dataclass(frozen=True, slots=True)
class Frame:
    """One grey frame: whole numbers (rows, columns) of int32, with their depth and sign."""

    name: str
    pixels: NDArray[np.int32]
    bits: int
    signed: bool

    @property
    def scale(self) -> float:
        """Grey levels of the frame's own range per 255: errors are divided by this before PSNR."""
        return max(float(self.pixels.max() - self.pixels.min()), 1.0) / 255


def _read(file: str) -> tuple[pydicom.Dataset, NDArray[np.generic]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(str(get_testdata_file(file)))
        if dataset.file_meta.TransferSyntaxUID in LJPEG:
            return dataset, imagecodecs.ljpeg_decode(next(generate_frames(dataset.PixelData, number_of_frames=1)))
        return dataset, dataset.pixel_array


def luma(pixels: NDArray[np.generic]) -> NDArray[np.int32]:
    """Rounded BT.601 luma of (rows, columns, 3)."""
    wide = pixels.astype(np.int32)
    return np.asarray((wide[..., 0] * 77 + wide[..., 1] * 150 + wide[..., 2] * 29) >> 8, np.int32)


def _frame(name: str, file: str, rows: slice = slice(None), columns: slice = slice(None)) -> Frame:
    dataset, pixels = _read(file)
    if pixels.ndim == 4 or (pixels.ndim == 3 and pixels.shape[-1] != 3):
        pixels = pixels[0]
    grey = luma(pixels) if pixels.ndim == 3 else pixels.astype(np.int32)
    signed = bool(dataset.PixelRepresentation) and pixels.ndim == 2
    return Frame(name, np.ascontiguousarray(grey[rows, columns]), int(dataset.BitsStored), signed)


MIDDLE = slice(256, 768)
CHEST = slice(600, 1112)

TUNING: dict[str, Callable[[], Frame]] = {
    "CT-a": lambda: _frame("CT-a", "693_UNCI.dcm"),
    "CT-b": lambda: _frame("CT-b", "bad_sequence.dcm"),
    "MR-a": lambda: _frame("MR-a", "MR-SIEMENS-DICOM-WithOverlays.dcm"),
    "MR-b": lambda: _frame("MR-b", "MR2_UNCI.dcm", MIDDLE, MIDDLE),
    "CR": lambda: _frame("CR", "RG1_UNCI.dcm", CHEST, CHEST),
    "US-a": lambda: _frame("US-a", "JPGLosslessP14SV1_1s_1f_8b.dcm", slice(128, 640), MIDDLE),
    "US-b": lambda: _frame("US-b", "US1_UNCI.dcm"),
}
HELD_OUT: dict[str, Callable[[], Frame]] = {
    "CT-c": lambda: _frame("CT-c", "eCT_Supplemental.dcm"),
    "CT-d": lambda: _frame("CT-d", "explicit_VR-UN.dcm"),
    "CT-e": lambda: _frame("CT-e", "J2K_pixelrep_mismatch.dcm"),
    "CR-b": lambda: _frame("CR-b", "RG3_UNCI.dcm", CHEST, CHEST),
    "CR-c": lambda: _frame("CR-c", "RG1_UNCI.dcm", slice(1200, 1712), slice(100, 612)),
    "NM": lambda: _frame("NM", "JPEG2000_UNC.dcm"),
    "US-c": lambda: _frame("US-c", "OBXXXX1A.dcm"),
    "chart": lambda: _frame("chart", "image_dfl.dcm"),
}
LOOPS = {"loop-1": "color3d_jpeg_baseline.dcm", "loop-2": "examples_ybr_color.dcm"}


def loop(name: str) -> list[NDArray[np.uint8]]:
    """Decode an ultrasound loop of LOOPS: RGB frames (rows, columns, 3)."""
    dataset = pydicom.dcmread(str(get_testdata_file(LOOPS[name])))
    count = int(dataset.NumberOfFrames)
    return [imagecodecs.jpeg_decode(data) for data in generate_frames(dataset.PixelData, number_of_frames=count)]
