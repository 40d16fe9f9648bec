"""Hold a session's beginning and its geometries against DICOM, once, before any frame. Pure.

*Rejected*: identity or pixels cannot be what DICOM asks; the session's or geometry's packets are refused with this
reason. *Repaired*: an attribute that the archive has to leave out, or to do without; named, never guessed.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydicom.config import RAISE
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.valuerep import validate_value

from huizhen.processors.module_types import STORAGE, module_types
from huizhen.schemas.errors import BadId, BadInput, Refused
from huizhen.schemas.events import Announced, GeometryDeclared, SourceInfo
from huizhen.schemas.ids import SourceId, Uid
from huizhen.schemas.reasons import RejectReason, Verdict

JSON_MAX = 1 << 20  # as large as an event record may be
SOURCES_MAX = 64
TIMEZONE = re.compile(r"[+-][01]\d[0-5]\d")  # TimezoneOffsetFromUTC, PS3.3 C.12.1.1
SEXES = frozenset({"", "M", "F", "O"})
IDENTITY = {
    "patient_id": "PatientID", "patient_name": "PatientName", "patient_birth_date": "PatientBirthDate",
    "issuer_of_patient_id": "IssuerOfPatientID", "accession_number": "AccessionNumber", "study_id": "StudyID",
    "study_description": "StudyDescription", "referring_physician_name": "ReferringPhysicianName",
    "modality": "Modality",
}  # fmt: skip
OURS = frozenset(
    {"BitsAllocated", "BitsStored", "Columns", "HighBit", "PhotometricInterpretation", "PixelRepresentation", "Rows",
     "SamplesPerPixel", "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "Modality",
     "NumberOfFrames", "ImageType", "ConversionType", "RescaleSlope", "RescaleIntercept", "RescaleType",
     "FrameIncrementPointer", "LossyImageCompression", "PixelIntensityRelationship"}
)  # fmt: skip
"""Type 1 attributes that the archive says itself, from pixels and events"""
PHOTOMETRIC = {1: frozenset({"MONOCHROME1", "MONOCHROME2"}), 3: frozenset({"RGB"})}
MODALITIES = {
    STORAGE + "3.1": "US",
    STORAGE + "6.1": "US",
    STORAGE + "2": "CT",
    STORAGE + "4": "MR",
    STORAGE + "1": "CR",
}
EIGHT_BIT = frozenset({STORAGE + "3.1", STORAGE + "6.1", STORAGE + "7.2", STORAGE + "7.4"})  # PS3.3 C.8.5.6, A.8


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found: `refusal` where packets are refused for it, and what the archive has to do without."""

    refusal: BadInput | None = None
    lacking: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Give it as a verdict."""
        if self.refusal is not None:
            return Verdict.REJECTED
        return Verdict.REPAIRED if self.lacking else Verdict.PASS


def judge_session(event: Announced) -> Judgement:
    """Judge a session's identity and its sources; no value of the patient enters a message."""
    try:
        _check_identity(event)
        for source in event.sources:
            _check_source(source)
    except BadInput as error:
        return Judgement(error)
    lacking = [f"Modality {event.modality} of a {source.kind}" for source in event.sources if not _fits(event, source)]
    return Judgement(None, (*lacking, *(name for source in event.sources for name in _unusable(source.dicom_json))))


def judge_geometry(event: GeometryDeclared, source: SourceInfo | None) -> Judgement:
    """Judge a geometry, and whether its source gives the type 1 attributes only it can know."""
    try:
        pixels = event.pixel_format
    except BadInput as error:
        return Judgement(error)
    if event.photometric_interpretation not in PHOTOMETRIC[pixels.samples_per_pixel]:
        what = f"PhotometricInterpretation of {pixels.samples_per_pixel} samples a pixel is another"
        return Judgement(Refused(RejectReason.BAD_DICOM, what))
    if source is None:
        return Judgement()
    if source.sop_class_uid in EIGHT_BIT and (pixels.bits_stored != 8 or pixels.is_signed):
        what = f"{pixels.bits_stored} bits: SOP class {source.sop_class_uid} has 8, unsigned"
        return Judgement(Refused(RejectReason.BAD_DICOM, what))
    given = {name for text in (source.dicom_json, event.dicom_json) for name, _ in _attributes(text)}
    given |= {"PixelSpacing"} if event.pixel_spacing else set()
    wanted = module_types()[source.sop_class_uid].type_1 if source.sop_class_uid in module_types() else frozenset()
    return Judgement(None, (*sorted(wanted - OURS - given), *_unusable(event.dicom_json)))


def _check_identity(event: Announced) -> None:
    for name in ("study_instance_uid", "order_uid"):
        uid = getattr(event, name)
        if uid or name == "study_instance_uid":
            _identity(name, lambda uid=uid: Uid(uid))
    for name, keyword in IDENTITY.items():
        _identity(keyword, lambda name=name, keyword=keyword: _valid(keyword, getattr(event, name)))
    if event.patient_sex not in SEXES or TIMEZONE.fullmatch(event.timezone_offset) is None:
        raise Refused(RejectReason.BAD_IDENTITY, "PatientSex or TimezoneOffsetFromUTC is none of the standard's values")
    if not 1 <= len({source.source for source in event.sources}) == len(event.sources) <= SOURCES_MAX:
        raise Refused(RejectReason.BAD_IDENTITY, f"{len(event.sources)} sources: 1 to {SOURCES_MAX}, each once")


def _identity(name: str, check: Any) -> None:
    try:
        check()
    except (ValueError, BadId) as error:
        raise Refused(RejectReason.BAD_IDENTITY, f"{name} breaks its value representation (PS3.5)") from error


def _check_source(source: SourceInfo) -> None:
    SourceId(source.source)
    if source.sop_class_uid not in module_types():
        raise Refused(RejectReason.BAD_DICOM, "the SOP class of a source is none the archive writes")
    if source.lossy_image_compression not in ("00", "01"):
        raise Refused(RejectReason.BAD_DICOM, "LossyImageCompression is neither 00 nor 01")


def _fits(event: Announced, source: SourceInfo) -> bool:
    return MODALITIES.get(source.sop_class_uid, event.modality) == event.modality


def _valid(keyword: str, value: str) -> None:
    if value:
        validate_value(dictionary_VR(keyword), value, RAISE)


def _attributes(text: str) -> Iterator[tuple[str, list[Any]]]:
    """Give keyword and values of DICOM JSON attributes (PS3.18 F); what is no attribute is passed over."""
    try:
        found = json.loads(text) if len(text) <= JSON_MAX else None
    except (ValueError, RecursionError):
        found = None
    for tag, element in found.items() if isinstance(found, dict) else ():
        keyword = keyword_for_tag(int(tag, 16)) if re.fullmatch(r"[0-9A-Fa-f]{8}", tag) else ""
        values = element.get("Value") if isinstance(element, dict) else None
        if keyword:
            yield keyword, values if isinstance(values, list) else []


def _unusable(text: str) -> Iterator[str]:
    """Name the carried attributes whose values break their value representation."""
    for keyword, values in _attributes(text):
        try:
            for value in values:
                if isinstance(value, str):
                    _valid(keyword, value)
        except ValueError:
            yield keyword
