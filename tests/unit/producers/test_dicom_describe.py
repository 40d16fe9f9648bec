"""A parsed file is described; identity stands in one place only."""

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from huizhen.producers.dicom_describe import describe, geometry_of, has_geometry_per_frame
from huizhen.producers.dicom_file import DicomFile, read_file
from huizhen.producers.source import Identity
from huizhen.schemas.events import UltrasoundRegion
from tests.unit.producers.dicom_files import JPEG_BASELINE, LITTLE, dataset, ramp, write

NAMES: dict[str, Any] = {
    "PatientName": "Doe^Jane",
    "PatientID": "P1",
    "PatientBirthDate": "19700101",
    "PatientSex": "F",
    "IssuerOfPatientID": "Clinic",
    "AccessionNumber": "A7",
    "StudyID": "S1",
    "StudyDescription": "Echo of Jane",
    "ReferringPhysicianName": "House^Greg",
    "TimezoneOffsetFromUTC": "+0800",
}


def parsed(folder: Path, syntax: str = LITTLE, coded: list[bytes] | None = None, **attributes: Any) -> DicomFile:
    frames = 1 if coded is None else len(coded)
    content = write(folder / "a.dcm", dataset(ramp(frames=frames), **attributes), syntax, coded).read_bytes()
    return read_file(io.BytesIO(content), len(content), str(folder / "a.dcm"))


def item(**attributes: Any) -> Dataset:
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def test_identity_stands_in_identity_alone(tmp_path: Path) -> None:
    file = parsed(tmp_path, **NAMES, Manufacturer="Maker", SliceThickness="1")
    described = describe(file)
    assert described.identity == Identity(
        study_instance_uid="1.2.3",
        accession_number="A7",
        patient_id="P1",
        issuer_of_patient_id="Clinic",
        patient_name="Doe^Jane",
        patient_birth_date="19700101",
        patient_sex="F",
        study_id="S1",
        study_description="Echo of Jane",
        referring_physician_name="House^Greg",
        timezone_offset="+0800",
    )
    elsewhere = repr(dataclasses.replace(described, identity=Identity())) + repr(geometry_of(file, 0))
    quoted = [form for value in (*NAMES.values(), "1.2.3") for form in (f"'{value}'", f'"{value}"')]
    assert [form for form in quoted if form in elsewhere] == []


@pytest.mark.parametrize(
    ("modality", "kind"),
    [("US", "probe"), ("XA", "angiography"), ("CT", "ct"), ("MR", "mr"), ("ES", "camera"), ("NM", "other")],
)
def test_the_kind_follows_the_modality(tmp_path: Path, modality: str, kind: str) -> None:
    described = describe(parsed(tmp_path, Modality=modality))
    assert (described.modality, described.kind) == (modality, kind)


def test_nonsense_in_identity_is_left_out(tmp_path: Path) -> None:
    file = parsed(tmp_path, TimezoneOffsetFromUTC="noon")
    file.data["Modality"]._value = "<script>"  # past pydicom's own check
    file.data["StudyInstanceUID"]._value = "1.2.." + "3" * 70
    described = describe(file)
    assert (described.modality, described.identity.timezone_offset, described.identity.study_instance_uid) == (
        "OT",
        "+0000",
        "",
    )


def test_the_loss_of_the_source_is_carried(tmp_path: Path) -> None:
    file = parsed(
        tmp_path,
        LossyImageCompression="01",
        LossyImageCompressionRatio=[19, 2],
        LossyImageCompressionMethod=["ISO_10918_1", "ISO_15444_1"],
    )
    described = describe(file)
    assert described.lossy_image_compression == "01"
    assert described.lossy_image_compression_ratio == (19.0, 2.0)
    assert described.lossy_image_compression_method == ("ISO_10918_1", "ISO_15444_1")


@pytest.mark.parametrize("said", [None, "00"])
def test_a_lossy_syntax_tells_where_the_data_set_is_silent_or_wrong(tmp_path: Path, said: str | None) -> None:
    changes: dict[str, Any] = {} if said is None else {"LossyImageCompression": said}
    described = describe(parsed(tmp_path, JPEG_BASELINE, [bytes(200), bytes(200)], **changes))
    assert described.lossy_image_compression == "01"
    assert described.lossy_image_compression_method == ("ISO_10918_1",)
    # 2 frames of 2,240 bytes in 400 and the items around them
    (ratio,) = described.lossy_image_compression_ratio
    assert ratio == pytest.approx(4480 / 440, abs=0.3)


def test_nothing_lost_is_said_so(tmp_path: Path) -> None:
    described = describe(parsed(tmp_path))
    assert described.lossy_image_compression == "00"
    assert described.lossy_image_compression_ratio == ()
    assert described.lossy_image_compression_method == ()


def test_the_geometry_has_what_measuring_needs(tmp_path: Path) -> None:
    region = item(
        RegionSpatialFormat=1,
        RegionDataType=1,
        RegionFlags=2,
        RegionLocationMinX0=4,
        RegionLocationMinY0=5,
        RegionLocationMaxX1=30,
        RegionLocationMaxY1=31,
        PhysicalUnitsXDirection=3,
        PhysicalUnitsYDirection=3,
        PhysicalDeltaX=0.05,
        PhysicalDeltaY=0.06,
    )
    file = parsed(
        tmp_path,
        PixelSpacing=[0.5, 0.25],
        WindowCenter=[40, 300],
        WindowWidth=[400, 1500, 7],
        RescaleSlope="2",
        RescaleIntercept="-1024",
        SequenceOfUltrasoundRegions=[region],
    )
    geometry = geometry_of(file, 0)
    assert geometry.pixel_spacing == (0.5, 0.25)
    assert (geometry.window_center, geometry.window_width) == ((40.0, 300.0), (400.0, 1500.0))
    assert (geometry.rescale_slope, geometry.rescale_intercept) == (2.0, -1024.0)
    assert geometry.ultrasound_regions == (UltrasoundRegion(1, 1, 2, 4, 5, 30, 31, 3, 3, 0.05, 0.06),)


def test_spacing_without_size_is_none(tmp_path: Path) -> None:
    assert geometry_of(parsed(tmp_path), 0).pixel_spacing is None
    assert geometry_of(parsed(tmp_path, PixelSpacing=[0, 0]), 0).pixel_spacing is None


def test_functional_groups_are_read_per_frame(tmp_path: Path) -> None:
    shared = item(PixelMeasuresSequence=[item(PixelSpacing=[0.7, 0.7], SliceThickness="3")])
    frames = [item(PlanePositionSequence=[item(ImagePositionPatient=[0, 0, z])]) for z in (10, 13)]
    file = parsed(tmp_path, SharedFunctionalGroupsSequence=[shared], PerFrameFunctionalGroupsSequence=frames)
    assert has_geometry_per_frame(file)
    second = geometry_of(file, 1)
    assert second.pixel_spacing == (0.7, 0.7)
    carried = json.loads(second.dicom_json)
    assert carried["00200032"]["Value"] == [0, 0, 13]
    assert carried["00180050"]["Value"] == [3]
    assert not has_geometry_per_frame(parsed(tmp_path))
