"""Which exams and files are of one patient."""

from dataclasses import replace

import pytest

from huizhen.api.patient import is_of, same_patient, scope_of
from huizhen.schemas.keys import HEX
from tests.services.fake_station import FakeStation

ONE = replace(FakeStation("clinic").announced(), patient_id="7", issuer_of_patient_id="A")


def test_exams_with_one_number_and_issuer_are_of_one_patient() -> None:
    later = replace(ONE, session="exam-2", patient_name="Somebody^Else")
    assert same_patient(ONE, later)
    assert scope_of(ONE) == scope_of(later)
    assert HEX.fullmatch(scope_of(ONE))


@pytest.mark.parametrize(
    "other",
    [
        replace(ONE, session="exam-2", issuer_of_patient_id="B"),
        replace(ONE, session="exam-2", issuer_of_patient_id=""),
        replace(ONE, session="exam-2", patient_id="8"),
        replace(ONE, session="exam-2", patient_id=""),
        replace(ONE, tenant="elsewhere"),
    ],
)
def test_a_number_from_another_issuer_or_institution_is_another_patient(other: object) -> None:
    assert not same_patient(ONE, other)  # type: ignore[arg-type]
    assert scope_of(ONE) != scope_of(other)  # type: ignore[arg-type]


def test_an_exam_without_a_patient_has_no_other_exams() -> None:
    nobody = replace(ONE, patient_id="", issuer_of_patient_id="")
    other = replace(nobody, session="exam-2")
    assert same_patient(nobody, nobody)
    assert not same_patient(nobody, other)
    assert scope_of(nobody) != scope_of(other)


def test_a_file_is_the_patients_where_number_and_issuer_agree() -> None:
    assert is_of(ONE, "7", "A")
    assert not is_of(ONE, "7", "")
    assert not is_of(ONE, "7", "B")
    assert not is_of(replace(ONE, patient_id=""), "", "A")
