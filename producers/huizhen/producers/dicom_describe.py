"""Say what a parsed DICOM file is: Description with identity apart, and the Geometry of each frame."""

import re

from pydicom.dataset import Dataset

from huizhen.producers.dicom_carry import EQUIPMENT, IMAGE, carried_json
from huizhen.producers.dicom_file import UNDEFINED, DicomFile
from huizhen.producers.dicom_timing import SERIES_RATE_HZ, timing_of
from huizhen.producers.dicom_values import decimal, decimals, element, integer, items, text, texts
from huizhen.producers.sop_class import archive_sop_class
from huizhen.producers.source import Description, Geometry, Identity
from huizhen.schemas.events import UltrasoundRegion
from huizhen.schemas.ids import UID, UID_MAX_CHARS

KINDS = {"US": "probe", "IVUS": "probe", "XA": "angiography", "RF": "angiography", "CT": "ct", "MR": "mr"}
KINDS |= {"ES": "camera", "XC": "camera", "GM": "camera"}
MODALITY = re.compile(r"[A-Z0-9]{2,16}")
REGIONS_MAX = 64  # regions of one image: real ones have under 8
WINDOWS_MAX = 16
CS_MAX_CHARS = 16  # PS3.5 table 6.2-1
# the macros of enhanced multi-frame objects (PS3.3 C.7.6.16) whose contents a single-frame image has at its top level
MACROS = (
    "PixelMeasuresSequence",
    "PlanePositionSequence",
    "PlaneOrientationSequence",
    "FrameVOILUTSequence",
    "PixelValueTransformationSequence",
)


def describe(file: DicomFile) -> Description:
    """Describe the source; identity is nowhere but in `identity`."""
    data, image = file.data, file.image
    modality = text(data, "Modality")
    modality = modality if MODALITY.fullmatch(modality) else "OT"
    timing = timing_of(data, image.number_of_frames)
    lossy, ratio, method = _loss(file)
    return Description(
        kind=KINDS.get(modality, "other"),
        modality=modality,
        sop_class_uid=archive_sop_class(
            text(data, "SOPClassUID"), image.replayed, image.replayed_photometric_interpretation
        ),
        rate_hz=timing.rate_hz if timing else SERIES_RATE_HZ,
        lossy_image_compression=lossy,
        lossy_image_compression_ratio=ratio,
        lossy_image_compression_method=method,
        dicom_json=carried_json(data, EQUIPMENT),
        identity=_identity(data),
        burned_in_annotation=_burned_in(data),
    )


def geometry_of(file: DicomFile, index: int) -> Geometry:
    """Give the geometry of frame `index`, from 0."""
    data = _flattened(file.data, index)
    spacing = decimals(data, "PixelSpacing")
    centers, widths = decimals(data, "WindowCenter"), decimals(data, "WindowWidth")
    windows = min(len(centers), len(widths), WINDOWS_MAX)
    return Geometry(
        pixels=file.image.replayed,
        photometric_interpretation=file.image.replayed_photometric_interpretation,
        pixel_spacing=(spacing[0], spacing[1]) if len(spacing) == 2 and min(spacing) > 0 else None,
        ultrasound_regions=_regions(data),
        window_center=centers[:windows],
        window_width=widths[:windows],
        rescale_slope=decimal(data, "RescaleSlope", 1.0),
        rescale_intercept=decimal(data, "RescaleIntercept", 0.0),
        dicom_json=carried_json(data, IMAGE),
    )


def has_geometry_per_frame(file: DicomFile) -> bool:
    """Say whether the frames of this file differ in position and the like."""
    return "PerFrameFunctionalGroupsSequence" in file.data


def _flattened(data: Dataset, index: int) -> Dataset:
    per_frame = items(data, "PerFrameFunctionalGroupsSequence")
    groups = items(data, "SharedFunctionalGroupsSequence")[:1] + per_frame[index : index + 1]
    if not groups:
        return data
    flat = Dataset()
    for keyword in (*IMAGE, "PixelSpacing", "WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept"):
        found = element(data, keyword)
        if found is not None:
            flat.add(found)
    for group in groups:
        for macro in MACROS:
            for item in items(group, macro)[:1]:
                flat.update(item)
    return flat


def _regions(data: Dataset) -> tuple[UltrasoundRegion, ...]:
    return tuple(
        UltrasoundRegion(
            region_spatial_format=integer(item, "RegionSpatialFormat", 0),
            region_data_type=integer(item, "RegionDataType", 0),
            region_flags=integer(item, "RegionFlags", 0),
            x0=integer(item, "RegionLocationMinX0", 0),
            y0=integer(item, "RegionLocationMinY0", 0),
            x1=integer(item, "RegionLocationMaxX1", 0),
            y1=integer(item, "RegionLocationMaxY1", 0),
            physical_units_x=integer(item, "PhysicalUnitsXDirection", 0),
            physical_units_y=integer(item, "PhysicalUnitsYDirection", 0),
            physical_delta_x=decimal(item, "PhysicalDeltaX"),
            physical_delta_y=decimal(item, "PhysicalDeltaY"),
        )
        for item in items(data, "SequenceOfUltrasoundRegions")[:REGIONS_MAX]
    )


def _loss(file: DicomFile) -> tuple[str, tuple[float, ...], tuple[str, ...]]:
    """Carry what the data set says; where it is silent or wrong, the transfer syntax speaks (PS3.3 C.7.6.1.1.5)."""
    data, syntax = file.data, file.syntax
    if text(data, "LossyImageCompression") != "01" and not syntax.lossy_method:
        return "00", (), ()
    ratio = tuple(value for value in decimals(data, "LossyImageCompressionRatio") if value > 0)
    methods = _methods(data)
    if syntax.lossy_method and not ratio:
        ratio = (_ratio(file),)
    if syntax.lossy_method and not methods:
        methods = (syntax.lossy_method,)
    return "01", ratio, methods


def _methods(data: Dataset) -> tuple[str, ...]:
    return tuple(method[:CS_MAX_CHARS] for method in texts(data, "LossyImageCompressionMethod"))


def _ratio(file: DicomFile) -> float:
    image = file.image
    raw = image.rows * image.columns * image.samples_per_pixel * image.bits_allocated // 8 * image.number_of_frames
    coded = file.size - file.pixels_at if file.pixels_bytes == UNDEFINED else file.pixels_bytes
    return round(raw / max(1, coded), 2)


def _burned_in(data: Dataset) -> str:
    said = text(data, "BurnedInAnnotation")
    return said if said in ("YES", "NO") else ""


def _identity(data: Dataset) -> Identity:
    study = text(data, "StudyInstanceUID")
    offset = text(data, "TimezoneOffsetFromUTC")
    return Identity(
        study_instance_uid=study if len(study) <= UID_MAX_CHARS and UID.fullmatch(study) else "",
        accession_number=text(data, "AccessionNumber"),
        patient_id=text(data, "PatientID"),
        issuer_of_patient_id=text(data, "IssuerOfPatientID"),
        patient_name=text(data, "PatientName"),
        patient_birth_date=text(data, "PatientBirthDate"),
        patient_sex=text(data, "PatientSex"),
        study_id=text(data, "StudyID"),
        study_description=text(data, "StudyDescription"),
        referring_physician_name=text(data, "ReferringPhysicianName"),
        timezone_offset=offset if re.fullmatch(r"[+-]\d{4}", offset) else "+0000",
    )
