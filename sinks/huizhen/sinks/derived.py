"""The fill mask of a derived instance: a Multi-frame Single Bit Secondary Capture image (docs/adr/0012).

It has the frames of the derived instance in their order; a pixel is 1 where it was filled and 0 where it is as
captured. How each tile was filled stands in the derived instance's private block.
"""

from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import ExplicitVRLittleEndian, MultiFrameSingleBitSecondaryCaptureImageStorage

from huizhen.schemas.events import GeometryDeclared
from huizhen.schemas.ids import FrameNumber
from huizhen.schemas.keys import instance_key
from huizhen.schemas.record import TileOrigin
from huizhen.sinks.attributes import Attributes
from huizhen.sinks.instance import file_meta
from huizhen.sinks.modules_image import add_frames
from huizhen.sinks.modules_study import add_equipment, add_patient, add_series, add_sop_common, add_study
from huizhen.sinks.plan import MASK, Plan
from huizhen.sinks.uids import instance_uid, series_uid

SERIES_OF_MASK = 2_000  # added to the source's series number


def mask_of(geometry: GeometryDeclared, tiles: tuple[TileOrigin, ...]) -> NDArray[np.uint8]:
    """Give a frame's mask: (rows, columns) of 0 and 1."""
    mask = np.zeros((geometry.rows, geometry.columns), np.uint8)
    across = -(-geometry.columns // geometry.tile)
    for index, origin in enumerate(tiles):
        if not origin.state.is_exact:
            top, left = (each * geometry.tile for each in divmod(index, across))
            mask[top : top + geometry.tile, left : left + geometry.tile] = 1
    return mask


def mask_dataset(plan: Plan, derived: Dataset) -> Dataset:
    """Build the mask of a derived instance, with its pixels: one bit each, frames without padding between them."""
    to = Attributes(Dataset())
    add_sop_common(to, plan, str(MultiFrameSingleBitSecondaryCaptureImageStorage))
    frames = ((each.number, each.stored_digest) for each in plan.frames)
    to.put("SOPInstanceUID", instance_uid(plan.stream, MASK, frames))
    add_patient(to, plan)
    add_study(to, plan)
    add_series(to, plan)
    to.put("SeriesInstanceUID", series_uid(plan.stream, MASK))
    to.put("SeriesNumber", plan.source_index + 1 + SERIES_OF_MASK)
    to.put("SeriesDescription", f"{plan.stream.source} (mask of filled pixels)")
    add_equipment(to, plan)
    add_frames(to, plan, timed_alone=False)
    _add_image(to, plan, derived)
    bits = np.concatenate([mask_of(plan.geometry, each.tiles).ravel() for each in plan.frames])
    packed = np.packbits(bits, bitorder="little").tobytes()
    to.dataset.PixelData = packed + b"\0" * (len(packed) % 2)
    to.dataset["PixelData"].VR = "OB"
    return to.dataset


def _add_image(to: Attributes, plan: Plan, derived: Dataset) -> None:
    source = Dataset()
    source.ReferencedSOPClassUID = derived.SOPClassUID
    source.ReferencedSOPInstanceUID = derived.SOPInstanceUID
    to.put("SourceImageSequence", [source])
    to.put("ImageType", ["DERIVED", "SECONDARY"])
    to.put("DerivationDescription", "1 where a pixel was filled, 0 where it is as captured")
    for name in ("ContentDate", "ContentTime", "AcquisitionDateTime"):
        to.put(name, derived.get(name))
    to.default_empty("PatientOrientation", "Laterality")
    to.put("ConversionType", "WSD")
    to.put("BurnedInAnnotation", "NO")
    to.put("SamplesPerPixel", 1)
    to.put("PhotometricInterpretation", "MONOCHROME2")
    to.put("Rows", plan.geometry.rows)
    to.put("Columns", plan.geometry.columns)
    for name, value in (("BitsAllocated", 1), ("BitsStored", 1), ("HighBit", 0), ("PixelRepresentation", 0)):
        to.put(name, value)


def write_mask(out: BinaryIO, dataset: Dataset) -> None:
    """Write a mask as a DICOM file, Explicit VR Little Endian."""
    dataset.file_meta = file_meta(dataset, ExplicitVRLittleEndian)
    dcmwrite(out, dataset, enforce_file_format=True)


def mask_key(plan: Plan, sha256: str) -> str:
    """Give the object key of a derived instance's mask."""
    return instance_key(plan.stream, MASK, FrameNumber(plan.first), FrameNumber(plan.last), sha256)
