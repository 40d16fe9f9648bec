import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file

from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.transcode import codestreams
from huizhen.sinks.instance import dataset_of, sop_class_of, write_instance
from huizhen.sinks.plan import Plan
from huizhen.sinks.private import read_private
from tests.unit.sinks import exam
from tests.unit.sinks.dicom_tools import errors_of, opj_decompress

GREY8, GREY12, SIGNED16 = PixelFormat(80, 96, 1, 8, 0), PixelFormat(80, 96, 1, 12, 0), PixelFormat(80, 96, 1, 16, 1)
LOSS: dict[str, Any] = {
    "lossy_image_compression": "01",
    "lossy_image_compression_ratio": [19.0],
    "lossy_image_compression_method": ["ISO_10918_1"],
}


def real(name: str) -> str:
    path = get_testdata_file(name)
    assert isinstance(path, str)
    return str(dcmread(path, stop_before_pixels=True).to_json())


def plan(source: Any, pixels: PixelFormat = exam.COLOUR, numbers: tuple[int, ...] = (0, 1, 2), **more: Any) -> Plan:
    modality = more.pop("modality", "US")
    frames = tuple(exam.frame(number, pixels) for number in numbers)
    said = more.pop("announced", exam.announced(source, modality=modality))
    return Plan(more.pop("kind", "exact"), exam.STREAM, said, source, exam.geometry(pixels, **more), frames)


def write(made: Plan, pixels: PixelFormat, file: Path) -> tuple[Dataset, list[str]]:
    dataset, refused = dataset_of(made)
    coded = [exam.coded(pixels, frame.number) for frame in made.frames]
    with file.open("w+b") as out:
        write_instance(out, dataset, [len(each) for each in coded], coded)
    return dcmread(file), refused


KINDS: dict[str, Any] = {
    "ultrasound in colour": (
        exam.source(**LOSS), exam.COLOUR, "US", {"ultrasound_regions": [exam.REGION]}, exam.US_MULTI,
    ),
    "ultrasound of a real device": (
        exam.source(dicom_json=real("examples_ybr_color.dcm"), **LOSS), exam.COLOUR, "US", {}, exam.US_MULTI,
    ),
    "ultrasound in grey": (exam.source(), GREY8, "US", {}, exam.US_MULTI),
    "angiography": (
        exam.source("angiography", exam.XA), GREY12, "XA",
        {"window_center": [2048.0], "window_width": [4096.0]}, exam.XA,
    ),
    "screen in colour": (exam.source("screen", exam.SC_COLOUR), exam.COLOUR, "OT", {}, exam.SC_COLOUR),
    "screen in grey bytes": (exam.source("screen", exam.SC_BYTE), GREY8, "OT", {}, exam.SC_BYTE),
    "screen in grey words": (
        exam.source("screen", exam.SC_WORD), GREY12, "OT", {"pixel_spacing": [0.5, 0.5]}, exam.SC_WORD,
    ),
    "camera": (exam.source("camera", exam.SC_COLOUR), exam.COLOUR, "XC", {}, exam.SC_COLOUR),
}  # fmt: skip
SINGLE: dict[str, Any] = {
    "CT": (exam.source("ct", exam.CT, dicom_json=real("CT_small.dcm")), "CT", exam.CT),
    "MR": (exam.source("mr", exam.MR, dicom_json=real("MR_small.dcm")), "MR", exam.MR),
    "signed secondary capture": (exam.source("other", exam.SC), "OT", exam.SC),
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("numbers", [(0, 1, 2), (0, 1, 5), (7,)])
def test_every_kind_of_multi_frame_instance_is_valid_and_exact(
    name: str, numbers: tuple[int, ...], tmp_path: Path
) -> None:
    source, pixels, modality, more, sop_class = KINDS[name]
    made = plan(source, pixels, numbers, modality=modality, **more)
    dataset, refused = write(made, pixels, tmp_path / "i.dcm")
    assert refused == []
    assert dataset.SOPClassUID == sop_class == sop_class_of(source, made.geometry)
    assert errors_of(tmp_path / "i.dcm") == []
    assert dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.201"
    found = dataset.pixel_array if len(numbers) > 1 else dataset.pixel_array[np.newaxis]
    expected = np.stack([exam.samples(pixels, number) for number in numbers])
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", SINGLE)
def test_every_kind_of_single_image_is_valid_and_exact(name: str, tmp_path: Path) -> None:
    source, modality, sop_class = SINGLE[name]
    made = plan(source, SIGNED16, (3,), modality=modality, pixel_spacing=[0.66, 0.66])
    dataset, refused = write(made, SIGNED16, tmp_path / "i.dcm")
    assert (refused, dataset.SOPClassUID) == ([], sop_class)
    assert errors_of(tmp_path / "i.dcm") == []
    np.testing.assert_array_equal(dataset.pixel_array, exam.samples(SIGNED16, 3))
    assert "NumberOfFrames" not in dataset


@pytest.mark.parametrize("pixels", [exam.COLOUR, GREY8, GREY12, SIGNED16])
def test_openjpeg_decodes_the_fragment_to_the_captured_samples(pixels: PixelFormat, tmp_path: Path) -> None:
    dataset, _ = write(plan(exam.source(), pixels, (4,)), pixels, tmp_path / "i.dcm")
    (fragment,) = codestreams(dataset)
    assert fragment == exam.coded(pixels, 4)
    expected = exam.samples(pixels, 4)
    planes = np.moveaxis(expected, -1, 0) if expected.ndim == 3 else expected
    assert opj_decompress(fragment, tmp_path) == planes.tobytes()


def test_fragments_are_even_and_digests_are_of_the_unpadded_codestream(tmp_path: Path) -> None:
    numbers = tuple(range(12))
    assert any(len(exam.coded(exam.COLOUR, number)) % 2 for number in numbers)
    dataset, _ = write(plan(exam.source(), numbers=numbers), exam.COLOUR, tmp_path / "i.dcm")
    said = read_private(dataset)
    assert said.numbers == numbers
    assert said.frame_digests == tuple(hashlib.sha256(each).hexdigest() for each in codestreams(dataset))


def test_the_loss_of_the_source_is_carried_through(tmp_path: Path) -> None:
    lossy, _ = write(plan(exam.source(**LOSS)), exam.COLOUR, tmp_path / "lossy.dcm")
    assert (lossy.LossyImageCompression, lossy.LossyImageCompressionRatio) == ("01", 19)
    assert lossy.LossyImageCompressionMethod == "ISO_10918_1"
    plain, _ = write(plan(exam.source()), exam.COLOUR, tmp_path / "plain.dcm")
    assert plain.LossyImageCompression == "00"
    assert "LossyImageCompressionRatio" not in plain


def test_frame_times_are_those_of_capture(tmp_path: Path) -> None:
    even, _ = write(plan(exam.source()), exam.COLOUR, tmp_path / "even.dcm")
    assert (even.FrameTime, even.FrameIncrementPointer, even.NumberOfFrames) == (33.333, 0x00181063, 3)
    gap, _ = write(plan(exam.source(), numbers=(0, 1, 4)), exam.COLOUR, tmp_path / "gap.dcm")
    assert [float(each) for each in gap.FrameTimeVector] == [0, 33.333, 99.999]
    assert gap.FrameIncrementPointer == 0x00181065
    assert gap.AcquisitionDateTime == "20260921221320.123456+0800"
    assert gap.TimezoneOffsetFromUTC == "+0800"


def test_patient_study_and_calibration_stand_as_announced(tmp_path: Path) -> None:
    made = plan(exam.source(), ultrasound_regions=[exam.REGION], pixel_spacing=[0.05, 0.05])
    dataset, _ = write(made, exam.COLOUR, tmp_path / "i.dcm")
    assert (dataset.PatientName, dataset.PatientID, dataset.AccessionNumber) == ("张^三=Zhang^San", "P1", "A1")
    assert (dataset.StudyInstanceUID, dataset.SpecificCharacterSet) == ("1.2.3.4", "ISO_IR 192")
    assert dataset.SequenceOfUltrasoundRegions[0].PhysicalDeltaX == 0.05
    assert dataset.PixelSpacing == [0.05, 0.05]
    assert dataset.ContributingEquipmentSequence[0].Manufacturer == "Huizhen"


def test_study_and_series_keep_the_time_of_the_first_announcement(tmp_path: Path) -> None:
    first, times = exam.announced(), set()
    later = replace(
        first, epoch=2, announced_at_ns=first.announced_at_ns + 10**14, first_announced_at_ns=first.announced_at_ns
    )
    for number, said in enumerate((first, later)):
        dataset, _ = write(replace(plan(exam.source()), announced=said), exam.COLOUR, tmp_path / f"{number}.dcm")
        times.add((dataset.StudyDate, dataset.StudyTime, dataset.SeriesDate, dataset.SeriesTime))
    assert len(times) == 1


def test_bad_values_of_a_station_do_not_keep_an_exam_out_of_the_archive(tmp_path: Path) -> None:
    bad = exam.announced(
        study_instance_uid="../../etc/passwd", patient_birth_date="tomorrow", patient_sex="?", timezone_offset="noon",
        modality="ultra sound", accession_number="x" * 99,
    )  # fmt: skip
    source = exam.source(dicom_json='{"00180060": {"vr": "DS", "Value": ["a lot"]}}')
    dataset, refused = write(plan(source, announced=bad), exam.COLOUR, tmp_path / "i.dcm")
    assert errors_of(tmp_path / "i.dcm") == []
    assert set(refused) == {"00180060", "PatientBirthDate", "StudyInstanceUID", "AccessionNumber", "Modality"}
    assert dataset.StudyInstanceUID.startswith("2.25.")
    assert dataset.Modality == "OT"


def test_the_same_frames_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(plan(exam.source()), exam.COLOUR, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes()[:128] == bytes(128)


def test_a_calibration_that_is_not_whole_is_left_out(tmp_path: Path) -> None:
    region = replace(exam.REGION, x0=-1)
    dataset, refused = write(plan(exam.source(), ultrasound_regions=[region]), exam.COLOUR, tmp_path / "i.dcm")
    assert refused == ["SequenceOfUltrasoundRegions"]
    assert "SequenceOfUltrasoundRegions" not in dataset
    assert errors_of(tmp_path / "i.dcm") == []
