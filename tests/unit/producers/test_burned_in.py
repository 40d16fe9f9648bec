from pathlib import Path

import pytest

from huizhen.producers.burned_in import why_unsafe
from huizhen.producers.dicom_io import open_dicom
from huizhen.producers.source import Description
from huizhen.schemas.profile import Profile
from tests.unit.producers.dicom_files import dataset, ramp, write

GENERIC, CHOSEN = Profile("generic", 1), Profile("console", 1)


def described(kind: str, modality: str, burned_in: str = "") -> Description:
    return Description(kind, modality, "1.2", 30.0, burned_in_annotation=burned_in)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (described("probe", "US", "NO"), "US pictures"),
        (described("screen", "OT"), "a screen"),
        (described("camera", "XC"), "a camera"),
        (described("ct", "CT"), "BurnedInAnnotation is missing"),
        (described("ct", "CT", "YES"), "BurnedInAnnotation is YES"),
    ],
)
def test_pictures_that_may_name_the_patient_want_a_chosen_profile(found: Description, reason: str) -> None:
    why = why_unsafe(found, GENERIC)
    assert why.startswith(reason)
    assert "--unmasked" in why
    assert why_unsafe(found, CHOSEN) == ""


def test_pictures_said_to_be_free_of_text_need_none() -> None:
    assert why_unsafe(described("ct", "CT", "NO"), GENERIC) == ""


@pytest.mark.parametrize(
    ("said", "expected"),
    [(["NO", "NO"], "NO"), (["NO", None], ""), (["NO", "YES"], "YES"), ([None, "YES"], "YES"), (["MAYBE", "NO"], "")],
)
def test_a_series_is_free_of_text_only_where_every_file_says_so(
    tmp_path: Path, said: list[str | None], expected: str
) -> None:
    for number, word in enumerate(said):
        more = {"BurnedInAnnotation": word} if word else {}
        write(tmp_path / f"{number}.dcm", dataset(ramp(), InstanceNumber=number, **more))
    source = open_dicom(tmp_path)
    source.close()
    assert source.description.burned_in_annotation == expected
