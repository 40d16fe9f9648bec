"""The attributes of a source's data set that go into the archive: two closed lists, and no identity in them.

Whatever is not listed stays behind. Free text (descriptions, comments, protocol names) is not listed, since people
write names there. Of sequences only coded items and lookup tables are carried.
"""

import json

from pydicom.dataset import Dataset

from huizhen.producers.dicom_values import element, items

CARRIED_MAX_BYTES = 64 << 10  # of JSON text: it travels in one event; the largest LUT of 16-bit entries has 171 KiB

_EQUIPMENT = """
    Manufacturer ManufacturerModelName SoftwareVersions BodyPartExamined AnatomicRegionSequence Laterality
    PatientPosition ViewPosition ViewName ViewCodeSequence StageName StageNumber NumberOfStages ViewNumber
    TransducerData TransducerType TransducerFrequency FocusDepth DepthOfScanField ProcessingFunction MechanicalIndex
    BoneThermalIndex CranialThermalIndex SoftTissueThermalIndex UltrasoundColorDataPresent
    KVP XRayTubeCurrent ExposureTime Exposure AveragePulseWidth RadiationSetting RadiationMode FocalSpots FilterType
    PositionerMotion PositionerType PositionerPrimaryAngle PositionerSecondaryAngle DistanceSourceToDetector
    DistanceSourceToPatient IntensifierSize FieldOfViewShape FieldOfViewDimensions DetectorType Grid
    PixelIntensityRelationship PixelIntensityRelationshipSign
    ScanOptions ConvolutionKernel ReconstructionDiameter DataCollectionDiameter GantryDetectorTilt TableHeight
    RotationDirection ScanningSequence SequenceVariant MRAcquisitionType MagneticFieldStrength ImagingFrequency
    ImagedNucleus EchoTrainLength RepetitionTime FlipAngle ReceiveCoilName TransmitCoilName
    PreferredPlaybackSequencing
"""
_IMAGE = """
    ImageType AcquisitionNumber ImagePositionPatient ImageOrientationPatient PatientOrientation ImageLaterality
    SliceThickness SpacingBetweenSlices SliceLocation FrameOfReferenceUID PositionReferenceIndicator ImagerPixelSpacing
    PixelAspectRatio RescaleType WindowCenterWidthExplanation VOILUTFunction PresentationLUTShape PixelPaddingValue
    PixelPaddingRangeLimit EchoTime EchoNumbers InversionTime TriggerTime TemporalPositionIdentifier BurnedInAnnotation
    ModalityLUTSequence VOILUTSequence
"""
_INSIDE = """
    CodeValue CodingSchemeDesignator CodingSchemeVersion CodeMeaning LongCodeValue
    LUTDescriptor LUTExplanation ModalityLUTType LUTData
"""
EQUIPMENT = tuple(_EQUIPMENT.split())
IMAGE = tuple(_IMAGE.split())
INSIDE = tuple(_INSIDE.split())


def carried_json(data: Dataset, keywords: tuple[str, ...]) -> str:
    """Give the listed attributes that are there as a DICOM JSON model object (PS3.18 F), as text.

    An attribute that does not convert is left out; so is everything from the one that passes CARRIED_MAX_BYTES.
    """
    carried: dict[str, object] = {}
    size = 0
    for keyword in keywords:
        model = _model(data, keyword)
        size += len(json.dumps(model))
        if size > CARRIED_MAX_BYTES:
            break
        carried |= model
    return json.dumps(carried, sort_keys=True, separators=(",", ":"))


def _model(data: Dataset, keyword: str) -> dict[str, object]:
    one = Dataset()
    try:
        found = element(data, keyword)
        if found is None:
            return {}
        if found.VR == "SQ":
            setattr(one, keyword, [_inside(item) for item in items(data, keyword)])
        else:
            one.add(found)
        model: dict[str, object] = one.to_json_dict(suppress_invalid_tags=True)
    except Exception:  # noqa: BLE001 - what a hostile value provokes costs that attribute, nothing else
        return {}
    return model


def _inside(item: Dataset) -> Dataset:
    kept = Dataset()
    for keyword in INSIDE:
        found = element(item, keyword)
        if found is not None:
            kept.add(found)
    return kept
