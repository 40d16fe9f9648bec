"""A patient's files in the store."""

import pytest

from huizhen.api.files import FILES_MAX, PatientFiles
from huizhen.api.problem import Problem
from huizhen.schemas.ids import TenantId
from huizhen.schemas.keys import file_key
from tests.services import patient_files as samples
from tests.services.fake_api import FakeObjects, InProcessReader

CLINIC, SCOPE = TenantId("clinic"), "a" * 64


def key_of(content: bytes, suffix: str = "dcm", scope: str = SCOPE) -> str:
    return file_key(CLINIC, scope, samples.digest(content), suffix)


def store(*contents: bytes) -> tuple[PatientFiles, FakeObjects]:
    objects = FakeObjects({key_of(one): one for one in contents})
    return PatientFiles(objects, InProcessReader()), objects


async def test_files_found_in_the_store_are_listed_and_read_once() -> None:
    files, objects = store(samples.ct(), samples.pdf())
    objects.by_key[key_of(b"other", scope="b" * 64)] = b"other"
    for _ in range(2):
        found = await files.listed(CLINIC, SCOPE)
        assert sorted(one.facts.kind for one in found.files) == ["images", "pdf"]
        assert found.left_out == 0
    assert objects.reads == 2


async def test_what_cannot_be_read_is_left_out_and_counted() -> None:
    files, objects = store(samples.ct(), b"no DICOM")
    objects.by_key[f"clinic/files/{SCOPE}/readme.html"] = b"<html>"
    found = await files.listed(CLINIC, SCOPE)
    assert ([one.facts.kind for one in found.files], found.left_out) == (["images"], 2)


async def test_more_files_than_a_person_reads_are_left_out() -> None:
    files, objects = store()
    for number in range(FILES_MAX + 5):
        objects.by_key[key_of(str(number).encode(), "txt")] = b"text"
    found = await files.listed(CLINIC, SCOPE)
    assert (len(found.files), found.left_out) == (FILES_MAX, 1)


async def test_a_file_is_found_by_its_digest_under_its_patient_alone() -> None:
    files, _ = store(samples.ct())
    digest = samples.digest(samples.ct())
    found = await files.find(CLINIC, SCOPE, digest)
    assert found is not None
    assert await files.content(found) == samples.ct()
    assert await files.find(CLINIC, "b" * 64, digest) is None
    assert await files.find(TenantId("elsewhere"), SCOPE, digest) is None


async def test_a_text_is_a_report() -> None:
    files, objects = store()
    content = "Kein Befund.\n正常".encode()
    objects.by_key[key_of(content, "txt")] = content
    found = await files.find(CLINIC, SCOPE, samples.digest(content))
    assert found is not None
    assert (await files.report(found)).text == "Kein Befund.\n正常"


@pytest.mark.parametrize(("content", "status"), [(b"\xff\xfe\x00", 415), (b"a\x00b", 415), (b"x" * 100_000, 413)])
async def test_what_is_no_plain_text_is_refused(content: bytes, status: int) -> None:
    files, _ = store()
    with pytest.raises(Problem) as error:
        await files.facts_of(content, "txt")
    assert error.value.status == status
