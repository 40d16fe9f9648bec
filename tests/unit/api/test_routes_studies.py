"""A patient's exams in a consultation."""

from dataclasses import replace

import numpy as np

from huizhen.schemas import htj2k
from huizhen.schemas.events import ConsultEvent
from tests.services.fake_api import FakeApi
from tests.services.fake_archive import archived
from tests.services.fake_station import FakeStation, coded, ultrasound

STUDIES = "/v1/consults/c-1/studies"
FRAME = "instances/1.2.3.0/frames/2"


def clinic(mask_teaching: list[int] | None = None) -> FakeApi:
    """Three exams of a clinic: now, earlier, and of another patient with the same number; a consultation about now."""
    api = FakeApi()
    for number, (name, issuer) in enumerate((("exam-1", ""), ("exam-0", ""), ("exam-x", "elsewhere"))):
        station = FakeStation("clinic", name, mask_teaching=mask_teaching or [])
        entry, content = archived(station, 4)
        api.objects.by_key[entry.object_key] = content
        announced = replace(station.announced((3 - number) * 10**9), issuer_of_patient_id=issuer)
        api.take(announced, station.geometry(), entry)
    api.take(
        ConsultEvent("c-1", "requested", 1, subject="ann", institution="clinic", tenant="clinic", session="exam-1")
    )
    return api


async def test_this_exam_and_earlier_ones_are_listed_and_no_other_patients() -> None:
    async with clinic().client("viewer") as client:
        exams = (await client.get(STUDIES)).json()["exams"]
    assert [(one["session"], one["is_this"]) for one in exams] == [("exam-1", True), ("exam-0", False)]
    assert exams[1]["sources"] == [
        {"source": "probe", "kind": "probe", "frames": 4, "rate_hz": 30.0, "lossy_image_compression": "01"}
    ]


async def test_an_exam_with_nothing_stored_is_not_listed() -> None:
    api = clinic()
    api.take(FakeStation("clinic", "exam-9").announced(9 * 10**9))
    async with api.client("viewer") as client:
        assert [one["session"] for one in (await client.get(STUDIES)).json()["exams"]] == ["exam-1", "exam-0"]


async def test_an_earlier_exams_frames_are_the_stored_ones_and_the_audit_names_that_exam() -> None:
    api = clinic()
    async with api.client("viewer") as client:
        (one,) = (await client.get(f"{STUDIES}/exam-0/instances")).json()["items"]
        assert one["sop_instance_uid"] == "1.2.3.0"
        answer = await client.get(f"{STUDIES}/exam-0/{FRAME}")
    assert answer.content == coded(1)
    assert [(event.session, event.consult) for event in api.audit.take()] == [("exam-0", "c-1")] * 2


async def test_another_patients_exam_is_absent_in_the_room() -> None:
    api = clinic()
    async with api.client("viewer") as client:
        for name in ("exam-x", "exam-none"):
            assert (await client.get(f"{STUDIES}/{name}/{FRAME}")).status_code == 404
            assert (await client.get(f"{STUDIES}/{name}/instances")).status_code == 404
        assert (await client.get(f"/v1/sessions/exam-x/{FRAME}")).status_code == 200, "its own people still see it"


async def test_a_guest_sees_earlier_exams_in_the_room_alone_and_as_long_as_the_grant() -> None:
    api = clinic()
    until = int(api.now_s) + 600
    api.take(
        ConsultEvent(
            "c-1", "granted", 2, subject="guest", institution="elsewhere", tenant="clinic", session="exam-1",
            rights=["see", "watch"], expires_at_s=until,
        )
    )  # fmt: skip
    async with api.client("expert", subject="guest", institution="elsewhere") as client:
        assert (await client.get(f"{STUDIES}/exam-0/{FRAME}")).status_code == 200
        assert (await client.get(f"/v1/sessions/exam-0/{FRAME}")).status_code == 404
        api.now_s = until
        assert (await client.get(f"{STUDIES}/exam-0/{FRAME}")).status_code == 404


async def test_a_trainee_sees_earlier_exams_with_blank_tiles() -> None:
    async with clinic([0, 0, 20, 130]).client("trainee") as client:
        answer = await client.get(f"{STUDIES}/exam-0/{FRAME}")
    picture = htj2k.decode(answer.content)
    assert not picture[:128, :256].any()
    assert np.array_equal(picture[128:], ultrasound()[1][128:])
    assert answer.headers["huizhen-masked"] == "2"
