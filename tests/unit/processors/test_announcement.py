import json
from dataclasses import replace

import pytest

from huizhen.processors.announcement import judge_geometry, judge_session
from huizhen.processors.module_types import STORAGE
from huizhen.schemas.reasons import RejectReason, Verdict
from tests.exam import Exam, moving

EXAM = Exam()
GOOD = EXAM.announced()
SOURCE = GOOD.sources[0]
GEOMETRY = EXAM.declared(EXAM.frame(0, moving(0)))
CT = replace(SOURCE, kind="ct", sop_class_uid=STORAGE + "2")


def attributes(**values: str) -> str:
    tags = {"Manufacturer": "00080070", "FrameOfReferenceUID": "00200052", "BodyPartExamined": "00180015",
            "ImagePositionPatient": "00200032", "ImageOrientationPatient": "00200037"}  # fmt: skip
    return json.dumps({tags[name]: {"vr": "LO", "Value": [value]} for name, value in values.items()})


def test_a_proper_session_passes() -> None:
    judgement = judge_session(GOOD)
    assert (judgement.verdict, judgement.refusal, judgement.lacking) == (Verdict.PASS, None, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"study_instance_uid": "../../etc"},
        {"study_instance_uid": ""},
        {"order_uid": "1.2.x"},
        {"patient_id": "4" * 65},
        {"patient_birth_date": "1970-01-01"},
        {"patient_sex": "X"},
        {"accession_number": "A" * 17},
        {"timezone_offset": "Z"},
        {"modality": "us"},
        {"sources": []},
        {"sources": [SOURCE, SOURCE]},
    ],
)
def test_identity_that_breaks_the_standard_is_rejected(changes: dict[str, object]) -> None:
    judgement = judge_session(replace(GOOD, **changes))  # type: ignore[arg-type] # fields of the event
    assert judgement.verdict is Verdict.REJECTED
    assert judgement.refusal is not None
    assert judgement.refusal.reason is RejectReason.BAD_IDENTITY


def test_no_value_of_the_patient_enters_the_message() -> None:
    judgement = judge_session(replace(GOOD, patient_name="Secret^Person" + "x" * 99, patient_id="topsecret" * 20))
    assert judgement.refusal is not None
    assert "ecret" not in str(judgement.refusal)


@pytest.mark.parametrize(
    "source",
    [replace(SOURCE, sop_class_uid="1.2.3"), replace(SOURCE, lossy_image_compression="yes")],
)
def test_a_source_that_dicom_does_not_know_is_rejected(source: object) -> None:
    judgement = judge_session(replace(GOOD, sources=[source]))  # type: ignore[list-item] # a source
    assert judgement.refusal is not None
    assert judgement.refusal.reason is RejectReason.BAD_DICOM


def test_what_the_archive_must_do_without_is_named_and_not_rejected() -> None:
    source = replace(SOURCE, dicom_json=attributes(Manufacturer="M" * 65))
    judgement = judge_session(replace(GOOD, modality="CT", sources=[source]))
    assert judgement.verdict is Verdict.REPAIRED
    assert judgement.lacking == ("Modality CT of a probe", "Manufacturer")


@pytest.mark.parametrize(
    "text", ["no json", "[]", '{"x": 1}', '{"00080070": 3}', "[" * 100_000, "{}" + " " * (2 << 20)]
)
def test_hostile_attributes_are_passed_over(text: str) -> None:
    assert judge_session(replace(GOOD, sources=[replace(SOURCE, dicom_json=text)])).verdict is Verdict.PASS


def test_a_geometry_is_held_against_its_pixels_and_sop_class() -> None:
    assert judge_geometry(GEOMETRY, SOURCE).verdict is Verdict.PASS
    assert judge_geometry(GEOMETRY, None).verdict is Verdict.PASS
    for wrong in (
        replace(GEOMETRY, photometric_interpretation="RGB"),
        replace(GEOMETRY, bits_stored=40),
        replace(GEOMETRY, bits_stored=12),
        replace(GEOMETRY, samples_per_pixel=3),
    ):
        assert judge_geometry(wrong, SOURCE).verdict is Verdict.REJECTED


def test_type_1_attributes_that_only_the_source_can_know_are_missed_by_name() -> None:
    wide = replace(GEOMETRY, bits_stored=16)
    assert judge_geometry(wide, CT).lacking == (
        "FrameOfReferenceUID",
        "ImageOrientationPatient",
        "ImagePositionPatient",
        "PixelSpacing",
    )
    source = replace(CT, dicom_json=attributes(FrameOfReferenceUID="1.2"))
    own = attributes(ImagePositionPatient="0", ImageOrientationPatient="1")
    full = replace(wide, pixel_spacing=[0.5, 0.5], dicom_json=own)
    assert judge_geometry(full, source).verdict is Verdict.PASS
