"""Files of a patient over HTTP."""

import pytest

from huizhen.schemas.events import ConsultEvent
from tests.services import patient_files as samples
from tests.services.fake_api import FakeApi
from tests.services.fake_station import FakeStation

FILES = "/v1/consults/c-1/files"
DICOM = {"content-type": "application/dicom"}


def clinic(**settings: object) -> FakeApi:
    api = FakeApi(**settings)  # type: ignore[arg-type]
    api.take(FakeStation("clinic").announced())
    api.take(
        ConsultEvent("c-1", "requested", 1, subject="ann", institution="clinic", tenant="clinic", session="exam-1")
    )
    return api


async def test_an_uploaded_file_is_listed_and_comes_back_byte_for_byte() -> None:
    api = clinic()
    async with api.client("requester") as client:
        answer = await client.post(FILES, content=samples.ct(), headers=DICOM)
        assert answer.status_code == 201
        said = answer.json()
        assert said == {
            "sha256": samples.digest(samples.ct()), "kind": "images", "modality": "CT", "title": "Thorax",
            "study_date": "20040119", "frames": 1, "rows": 128, "columns": 128, "size_bytes": len(samples.ct()),
            "names_patient": True,
        }  # fmt: skip
        assert (await client.get(FILES)).json() == {"may_open": True, "files": [said], "left_out": 0}
        content = await client.get(f"{FILES}/{said['sha256']}")
        assert (content.content, content.headers["content-type"]) == (samples.ct(), "application/dicom")
        assert content.headers["content-disposition"] == "attachment"
        again = await client.get(f"{FILES}/{said['sha256']}", headers={"if-none-match": content.headers["etag"]})
        assert again.status_code == 304
    (key,) = [one for one in api.objects.by_key if "/files/" in one]
    assert key.startswith("clinic/files/")
    assert samples.PATIENT not in key


async def test_the_same_file_twice_is_there_once() -> None:
    api = clinic()
    async with api.client("requester") as client:
        for _ in range(2):
            assert (await client.post(FILES, content=samples.ct(), headers=DICOM)).status_code == 201
        assert len((await client.get(FILES)).json()["files"]) == 1


@pytest.mark.parametrize("content", [samples.ct("someone-else"), samples.ct(samples.PATIENT, "another-issuer")])
async def test_a_file_of_another_patient_is_taken_only_after_a_person_said_who_it_is(content: bytes) -> None:
    api = clinic()
    async with api.client("requester") as client:
        answer = await client.post(FILES, content=content, headers=DICOM)
        assert answer.status_code == 409
        assert "someone" not in answer.text
        assert not any("/files/" in key for key in api.objects.by_key)
        answer = await client.post(f"{FILES}?patient=confirmed", content=content, headers=DICOM)
        assert (answer.status_code, answer.json()["names_patient"]) == (201, False)


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"no DICOM", "application/dicom", 415),
        (b"<html><script>alert(1)</script>", "application/octet-stream", 415),
        (samples.ct(), "text/html", 415),
        (samples.ct(), "", 415),
        (samples.ct(), "text/plain", 415),
        (samples.ct()[:-500], "application/dicom", 422),
    ],
)
async def test_what_is_no_file_of_a_patient_is_refused_and_not_kept(
    content: bytes, media_type: str, status: int
) -> None:
    api = clinic()
    async with api.client("requester") as client:
        answer = await client.post(FILES, content=content, headers={"content-type": media_type})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert not any("/files/" in key for key in api.objects.by_key)


async def test_a_file_above_the_limit_is_refused_and_other_bodies_keep_theirs() -> None:
    large = b"x" * ((1 << 20) + 1)
    async with clinic(upload_max_bytes=1 << 20).client("requester") as client:
        answer = await client.post(FILES, content=large, headers=DICOM)
        assert (answer.status_code, "api.upload_max_bytes" in answer.json()["detail"]) == (413, True)
    async with clinic().client("requester") as client:
        assert (await client.post(FILES, content=large, headers=DICOM)).status_code == 415
        assert (await client.post("/v1/consults/c-1/messages", content=large)).status_code == 413


async def test_a_report_comes_as_structure_and_its_pdf_as_it_is() -> None:
    async with clinic().client("viewer") as client:
        for content in (samples.report(), samples.pdf()):
            assert (await client.post(FILES, content=content, headers=DICOM)).status_code == 201
        report = (await client.get(f"{FILES}/{samples.digest(samples.report())}/report")).json()
        assert (report["kind"], report["cut"]) == ("sr", False)
        pdf = await client.get(f"{FILES}/{samples.digest(samples.pdf())}/document")
        assert (pdf.content, pdf.headers["content-type"]) == (samples.page("Normal left ventricle"), "application/pdf")
        assert (await client.get(f"{FILES}/{samples.digest(samples.report())}/document")).status_code == 404


async def test_a_picture_is_no_report() -> None:
    async with clinic().client("viewer") as client:
        await client.post(FILES, content=samples.ct(), headers=DICOM)
        assert (await client.get(f"{FILES}/{samples.digest(samples.ct())}/report")).status_code == 404


async def test_a_text_is_taken_as_a_report() -> None:
    async with clinic().client("viewer") as client:
        answer = await client.post(
            f"{FILES}?patient=confirmed", content="左室正常".encode(), headers={"content-type": "text/plain"}
        )
        assert answer.json()["kind"] == "text"
        report = await client.get(f"{FILES}/{answer.json()['sha256']}/report")
    assert report.json()["text"] == "左室正常"


async def test_a_trainee_sees_that_files_are_there_and_opens_none() -> None:
    api = clinic()
    async with api.client("viewer") as client:
        digest = (await client.post(FILES, content=samples.ct(), headers=DICOM)).json()["sha256"]
    async with api.client("trainee") as client:
        said = (await client.get(FILES)).json()
        assert (said["may_open"], said["files"][0]["title"], said["files"][0]["study_date"]) == (False, "", "")
        for path in ("", "/report", "/document"):
            assert (await client.get(f"{FILES}/{digest}{path}")).status_code == 403
        assert (await client.post(FILES, content=samples.ct(), headers=DICOM)).status_code == 403


async def test_an_ended_consultation_takes_no_files() -> None:
    api = clinic()
    api.take(ConsultEvent("c-1", "canceled", 2, subject="ann", institution="clinic", tenant="clinic", session="exam-1"))
    async with api.client("viewer") as client:
        assert (await client.post(FILES, content=samples.ct(), headers=DICOM)).status_code == 409


async def test_uploads_beyond_two_at_once_are_asked_to_come_again() -> None:
    api = clinic()
    async with api.parts.uploading, api.parts.uploading, api.client("viewer") as client:
        answer = await client.post(FILES, content=samples.ct(), headers=DICOM)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
