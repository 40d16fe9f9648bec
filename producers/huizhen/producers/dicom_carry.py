"""The attributes of a source's data set that go into the archive: two closed lists, and no identity in them.

Whatever is not listed stays behind. Free text (descriptions, comments, protocol names) is not listed, since people
write names there. Of sequences only coded items and lookup tables are carried.
"""

import json

from pydicom.dataset import Dataset

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

    An attribute that does not convert, or no longer fits CARRIED_MAX_BYTES, is left out.
    """
    carried: dict[str, object] = {}
    size = 0
    for keyword in keywords:
        if keyword not in data:
            continue
        one = Dataset()
        element = data[keyword]
        if element.VR == "SQ":
            setattr(one, keyword, [_inside(item) for item in element.value])
        else:
            one.add(element)
        model = one.to_json_dict(suppress_invalid_tags=True)
        size += len(json.dumps(model))
        if size > CARRIED_MAX_BYTES:
            break
        carried |= model
    return json.dumps(carried, sort_keys=True, separators=(",", ":"))


def _inside(item: Dataset) -> Dataset:
    kept = Dataset()
    for keyword in INSIDE:
        if keyword in item:
            kept.add(item[keyword])
    return kept
