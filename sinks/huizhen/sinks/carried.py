"""Attributes of a source's own data set that are carried into the archive (DICOM JSON model, PS3.18 Annex F).

They come from devices through a station, so each is taken alone and must read, validate and write; what does not is
left out and named. What the archive itself says (identity, pixels, timing, frames) is never carried.
"""

import json
import struct
import warnings
from typing import Any

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

JSON_MAX = 1 << 20  # as large as an event record may be
GROUPS = frozenset({0x0008, 0x0010, 0x0012, 0x0018, 0x0020, 0x0028, 0x0032, 0x0040, 0x0042, 0x0054, 0x3002})
OF_THE_PATIENT = (
    "PatientAge", "PatientSize", "PatientWeight", "PregnancyStatus", "SmokingStatus", "PatientSpeciesDescription",
)  # fmt: skip
OF_THE_PIXELS = (
    "BurnedInAnnotation", "RecognizableVisualFeatures", "PixelIntensityRelationship", "PixelIntensityRelationshipSign",
    "RescaleType", "WindowCenterWidthExplanation", "VOILUTFunction", "PixelSpacingCalibrationType",
    "PixelSpacingCalibrationDescription", "QualityControlImage", "RecommendedViewingMode", "PixelPaddingValue",
    "UltrasoundColorDataPresent", "PartialView", "PartialViewDescription",
)  # fmt: skip
NEVER = (
    "SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "InstanceCreationDate", "InstanceCreationTime",
    "InstanceCreatorUID", "StudyDate", "StudyTime", "StudyID", "StudyDescription", "AccessionNumber",
    "ReferringPhysicianName", "StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber", "InstanceNumber",
    "InstitutionAddress", "TimezoneOffsetFromUTC", "AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime",
    "ContentDate", "ContentTime", "SeriesDate", "SeriesTime", "FrameTime", "FrameTimeVector", "CineRate", "StartTrim",
    "StopTrim", "FrameDelay", "ImageTriggerDelay", "EffectiveDuration", "ActualFrameDuration", "RWaveTimeVector",
    "RecommendedDisplayFrameRate", "SequenceOfUltrasoundRegions", "MultiplexedAudioChannelsDescriptionCodeSequence",
    "PositionerPrimaryAngleIncrement", "PositionerSecondaryAngleIncrement", "TableVerticalIncrement",
    "TableLongitudinalIncrement", "TableLateralIncrement", "ContributingEquipmentSequence", "DigitalSignaturesSequence",
    "OriginalAttributesSequence", "MACParametersSequence", "EncryptedAttributesSequence", "IconImageSequence",
    "PixelPresentation", "VolumetricProperties", "ReferencedPerformedProcedureStepSequence",
)  # fmt: skip
KEPT_OF_0010 = frozenset(int(tag_for_keyword(name) or 0) for name in OF_THE_PATIENT)
KEPT_OF_0028 = frozenset(int(tag_for_keyword(name) or 0) for name in OF_THE_PIXELS)
DROPPED = frozenset(int(tag_for_keyword(name) or 0) for name in NEVER)
# what pydicom was seen to raise on bad values
UNREADABLE = (
    ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OverflowError, NotImplementedError,
    OSError, struct.error, UserWarning, MemoryError,
)  # fmt: skip


def carried(dicom_json: str) -> tuple[Dataset, list[str]]:
    """Read carried attributes; return the usable ones and the tags (eight hex digits) of those refused."""
    dataset, refused = Dataset(), []
    for tag, element in _elements(dicom_json).items():
        number = _number(tag)
        if number is None or not _is_wanted(number):
            continue
        one = _read(tag, element)
        if one is None:
            refused.append(tag.upper())
        else:
            dataset.update(one)
    return dataset, refused


def _elements(dicom_json: str) -> dict[str, Any]:
    if len(dicom_json) > JSON_MAX:
        return {}
    try:
        found = json.loads(dicom_json or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(tag: str) -> int | None:
    try:
        return int(tag, 16) if len(tag) == 8 else None
    except ValueError:
        return None


def _is_wanted(tag: int) -> bool:
    group = tag >> 16
    if group not in GROUPS or tag in DROPPED:
        return False
    if group == 0x0010:
        return tag in KEPT_OF_0010
    return group != 0x0028 or tag in KEPT_OF_0028


def _read(tag: str, element: Any) -> Dataset | None:
    """Read one attribute; None where it fails, only warns, or could not be written again."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            one: Dataset = Dataset.from_json({tag: element})
        except UNREADABLE:
            return None
    return one if is_writable(one) else None


def is_writable(dataset: Dataset) -> bool:
    """Say whether a data set can be written (Explicit VR Little Endian, UTF-8) without as much as a warning."""
    trial = DicomBytesIO()
    trial.is_little_endian, trial.is_implicit_VR = True, False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            write_dataset(trial, dataset, parent_encoding="utf8")
        except UNREADABLE:
            return False
    return True


def drop_unwritable(dataset: Dataset) -> list[str]:
    """Take out the attributes that cannot be written; give their tags (eight hex digits)."""
    bad = [element.tag for element in dataset if not is_writable(Dataset({element.tag: element}))]
    for tag in bad:
        del dataset[tag]
    return [f"{int(tag):08X}" for tag in bad]
