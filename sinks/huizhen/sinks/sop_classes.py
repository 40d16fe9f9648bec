"""Which SOP class an instance can truthfully be written as (PS3.3 A and C.8, PS3.4 B.5).

The station names the class of its source. It is kept where the frames meet its rules on samples and where the class's
own required attributes are known; else a Secondary Capture class takes them as they are: pixels are never changed to
fit a class.
"""

from pydicom import Dataset
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    CTImageStorage,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    MRImageStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
    VLEndoscopicImageStorage,
    VLPhotographicImageStorage,
    XRayAngiographicImageStorage,
    XRayRadiofluoroscopicImageStorage,
)

from huizhen.schemas.events import GeometryDeclared

US_CLASSES = frozenset({UltrasoundImageStorage, UltrasoundMultiFrameImageStorage})
XRAY_CLASSES = frozenset({XRayAngiographicImageStorage, XRayRadiofluoroscopicImageStorage})
SC_MULTI = frozenset({
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
})  # fmt: skip
SC_CLASSES = SC_MULTI | {SecondaryCaptureImageStorage}
MULTI_FRAME = SC_MULTI | XRAY_CLASSES | {UltrasoundMultiFrameImageStorage}
IN_SPACE = ("ImagePositionPatient", "ImageOrientationPatient", "FrameOfReferenceUID", "ImageType")
_REQUIRED: dict[UID, tuple[str, ...]] = {
    CTImageStorage: IN_SPACE,
    MRImageStorage: (*IN_SPACE, "ScanningSequence", "SequenceVariant"),
    DigitalXRayImageStorageForPresentation: ("PixelIntensityRelationship", "PatientOrientation", "ImageType"),
    DigitalXRayImageStorageForProcessing: ("PixelIntensityRelationship", "PatientOrientation", "ImageType"),
    ComputedRadiographyImageStorage: (),
    UltrasoundImageStorage: (),
    UltrasoundMultiFrameImageStorage: (),
    XRayAngiographicImageStorage: (),
    XRayRadiofluoroscopicImageStorage: (),
    SecondaryCaptureImageStorage: (),
    VLEndoscopicImageStorage: (),
    VLPhotographicImageStorage: (),
} | dict.fromkeys(SC_MULTI, ())
REQUIRED = {str(uid): names for uid, names in _REQUIRED.items()}
"""Attributes of type 1 that only the device can know; a class that is not here is written as Secondary Capture"""


def sop_class_for(wanted: str, geometry: GeometryDeclared, known: Dataset) -> str:
    """Give the SOP class to write: `wanted`, if samples and `known` attributes allow it, else Secondary Capture."""
    required = REQUIRED.get(wanted)
    if required is None or any(name not in known or known[name].is_empty for name in required):
        return secondary_capture_for(geometry)
    return wanted if _samples_fit(wanted, geometry) else secondary_capture_for(geometry)


def secondary_capture_for(geometry: GeometryDeclared) -> str:
    """Give the Secondary Capture class that takes such samples as they are; the single-frame one takes all."""
    plain = geometry.photometric_interpretation == "MONOCHROME2" and not geometry.pixel_representation
    if geometry.samples_per_pixel == 3 and geometry.bits_stored == 8 and not geometry.pixel_representation:
        return str(MultiFrameTrueColorSecondaryCaptureImageStorage)
    if plain and geometry.bits_stored == 8:
        return str(MultiFrameGrayscaleByteSecondaryCaptureImageStorage)
    if plain and geometry.samples_per_pixel == 1:
        return str(MultiFrameGrayscaleWordSecondaryCaptureImageStorage)
    return str(SecondaryCaptureImageStorage)


def is_multi_frame(sop_class: str) -> bool:
    """Say whether one instance of the class holds many frames."""
    return sop_class in MULTI_FRAME


def _samples_fit(sop_class: str, geometry: GeometryDeclared) -> bool:
    bits, signed = geometry.bits_stored, bool(geometry.pixel_representation)
    grey, photometric = geometry.samples_per_pixel == 1, geometry.photometric_interpretation
    if sop_class in US_CLASSES:
        return bits == 8 and not signed and photometric in ("MONOCHROME2", "RGB")
    if sop_class in XRAY_CLASSES:
        return grey and not signed and bits in (8, 10, 12, 16) and photometric == "MONOCHROME2"
    if sop_class == CTImageStorage:
        return grey and 12 <= bits <= 16 and photometric in ("MONOCHROME1", "MONOCHROME2")
    if sop_class == MRImageStorage:
        return grey and geometry.pixel_format.bits_allocated == 16
    if sop_class in (VLEndoscopicImageStorage, VLPhotographicImageStorage):
        return bits == 8 and not signed and photometric in ("MONOCHROME2", "RGB")
    if sop_class in SC_MULTI:
        return sop_class == secondary_capture_for(geometry)
    if sop_class == SecondaryCaptureImageStorage:
        return True
    return grey and photometric in ("MONOCHROME1", "MONOCHROME2")
