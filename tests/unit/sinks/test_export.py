import io

import pytest
from pydicom import dcmread

from huizhen.schemas.errors import ChecksumMismatch
from huizhen.schemas.ids import SessionId, TenantId
from huizhen.schemas.transcode import SYNTAXES
from huizhen.sinks.export import export
from tests.unit.sinks import exam
from tests.unit.sinks.desk import Desk

CLINIC, EXAM = TenantId("clinic"), SessionId("exam-1")


@pytest.fixture
def desk() -> Desk:
    made = Desk().open()
    made.frames(0, 1, 2, 3)
    made.seal(4)
    made.tick(times=3)
    return made


def test_the_instances_of_a_session_come_out_and_nothing_else(desk: Desk) -> None:
    desk.store.objects["clinic/exam-10/probe/exact/x.dcm"] = b"another session"
    desk.store.objects[f"clinic/exam-1/../../exact/0-1-{'a' * 64}.dcm"] = b"a way out of the folder"
    (found,) = export(desk.store, CLINIC, EXAM, SYNTAXES["explicit"])
    assert found.path.startswith("probe/exact/0000000000-0000000003-")
    dataset = dcmread(io.BytesIO(found.data))
    assert dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert (dataset.pixel_array[3] == exam.samples(exam.COLOUR, 3)).all()


def test_an_object_that_is_not_what_its_key_names_is_not_exported(desk: Desk) -> None:
    key = next(each for each in desk.store.objects if each.endswith(".dcm"))
    desk.store.objects[key] += b"x"
    with pytest.raises(ChecksumMismatch):
        list(export(desk.store, CLINIC, EXAM, SYNTAXES["explicit"]))
