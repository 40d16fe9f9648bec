"""Modules of single SOP classes: ultrasound, X-ray angiography, secondary capture, CT and MR (PS3.3 C.8)."""

from pydicom import Dataset
from pydicom.uid import CTImageStorage, MRImageStorage

from huizhen.schemas.events import UltrasoundRegion
from huizhen.sinks.attributes import Attributes
from huizhen.sinks.modules_image import add_rescale
from huizhen.sinks.plan import Plan
from huizhen.sinks.sop_classes import SC_CLASSES, SC_MULTI, US_CLASSES, XRAY_CLASSES

CONVERSION = {"screen": "WSD", "camera": "DV", "probe": "DV"}
"""ConversionType (C.8.6.1) by kind of source: workstation, digitised video; others are a digital interface"""


def add_class(to: Attributes, plan: Plan, sop_class: str) -> None:
    """Add what the class wants beyond the common modules."""
    if sop_class in US_CLASSES:
        _add_ultrasound(to, plan)
    elif sop_class in XRAY_CLASSES:
        _add_x_ray(to)
    elif sop_class in SC_CLASSES:
        _add_secondary_capture(to, plan, sop_class)
    elif sop_class == CTImageStorage:
        add_rescale(to, plan, units="")
        to.default_empty("KVP", "AcquisitionNumber", "SliceThickness", "PositionReferenceIndicator")
    elif sop_class == MRImageStorage:
        to.default_empty("ScanOptions", "MRAcquisitionType", "EchoTime", "EchoTrainLength", "RepetitionTime")
        to.default_empty("SliceThickness", "PositionReferenceIndicator")
    if not to.has("ImageLaterality"):
        to.default_empty("Laterality")


def _add_ultrasound(to: Attributes, plan: Plan) -> None:
    """US Region Calibration and US Image (C.8.5.5, C.8.5.6)."""
    regions = [_region(each) for each in plan.geometry.ultrasound_regions]
    if any(region.problems for region in regions):
        to.problems.append("SequenceOfUltrasoundRegions")  # a part of a calibration would mislead: all or none
    else:
        to.put("SequenceOfUltrasoundRegions", [region.dataset for region in regions])
    if plan.geometry.samples_per_pixel == 3:
        to.default("UltrasoundColorDataPresent", 1)


def _region(region: UltrasoundRegion) -> Attributes:
    item = Attributes(Dataset())
    for keyword, value in (
        ("RegionSpatialFormat", region.region_spatial_format),
        ("RegionDataType", region.region_data_type),
        ("RegionFlags", region.region_flags),
        ("RegionLocationMinX0", region.x0),
        ("RegionLocationMinY0", region.y0),
        ("RegionLocationMaxX1", region.x1),
        ("RegionLocationMaxY1", region.y1),
        ("PhysicalUnitsXDirection", region.physical_units_x),
        ("PhysicalUnitsYDirection", region.physical_units_y),
        ("PhysicalDeltaX", region.physical_delta_x),
        ("PhysicalDeltaY", region.physical_delta_y),
    ):
        item.put(keyword, value)
    return item


def _add_x_ray(to: Attributes) -> None:
    """X-Ray Image and Acquisition (C.8.7.1, C.8.7.2), Contrast (C.7.6.4).

    Where the device did not say: intensities are for display only, and the dose setting is the lower one.
    """
    kind = [str(each) for each in to.dataset.ImageType]
    if len(kind) < 3 or kind[2] not in ("SINGLE PLANE", "BIPLANE A", "BIPLANE B"):
        to.put("ImageType", [*kind[:2], "SINGLE PLANE", *kind[3:]])
    to.default("PixelIntensityRelationship", "DISP")
    to.default("RadiationSetting", "SC")
    to.default_empty("KVP", "ContrastBolusAgent", "PositionerPrimaryAngle", "PositionerSecondaryAngle")
    to.default_empty("PositionerMotion")
    if not (to.has("XRayTubeCurrent") or to.has("ExposureTime") or to.has("Exposure")):
        to.default_empty("Exposure", "ExposureTime", "XRayTubeCurrent")


def _add_secondary_capture(to: Attributes, plan: Plan, sop_class: str) -> None:
    """SC Equipment and SC Multi-frame Image (C.8.6.1, C.8.6.3); burned-in text is assumed where nobody denies it."""
    to.put("ConversionType", CONVERSION.get(plan.source.kind, "DI"))
    if not to.has("BurnedInAnnotation"):
        to.put("BurnedInAnnotation", "YES")
    if sop_class not in SC_MULTI:
        return
    if plan.geometry.samples_per_pixel == 1:
        to.put("PresentationLUTShape", "IDENTITY")
        add_rescale(to, plan)
