"""Invitations, tickets and chat over HTTP, on a log that is read back at once."""

import io

import httpx
from PIL import Image

from huizhen.schemas.events import ConsultEvent
from tests.services.fake_api import FakeApi
from tests.services.fake_station import FakeStation

ROOM = "/v1/consults/c-1"
GUEST = {"subject": "guest", "institution": "elsewhere"}


def clinic() -> FakeApi:
    api = FakeApi()
    api.take(
        FakeStation("clinic").announced(),
        ConsultEvent("c-1", "requested", 1, "ann", "clinic", "clinic", "exam-1"),
    )
    return api


async def invitation(api: FakeApi, **body: object) -> str:
    async with api.client("requester") as client:
        answer = await client.post(f"{ROOM}/invites", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["invite"])


async def redeem(api: FakeApi, invite: str, **who: str) -> httpx.Response:
    async with api.client("expert", **(GUEST | who)) as client:
        return await client.post(f"{ROOM}/redeem", json={"invite": invite})


async def test_an_invitation_lets_one_person_in_once() -> None:
    api = clinic()
    invite = await invitation(api)
    async with api.client("expert", **GUEST) as client:
        assert (await client.get("/v1/sessions/exam-1")).status_code == 404
    answer = await redeem(api, invite)
    assert answer.json() == {"consult": "c-1", "session": "exam-1", "tenant": "clinic"}
    async with api.client("expert", **GUEST) as client:
        assert (await client.get("/v1/sessions/exam-1")).status_code == 200
        assert (await client.post(f"{ROOM}/tickets")).status_code == 201
        assert (await client.get("/v1/sessions/exam-1/instances")).status_code == 200
    assert (await redeem(api, invite, subject="second")).status_code == 404
    assert invite not in repr(api.log.events), "the log lets nobody in"


async def test_of_two_who_use_an_invitation_at_once_the_first_in_the_log_is_let_in() -> None:
    api = clinic()
    invite = await invitation(api)
    await redeem(api, invite, subject="first")
    winner = api.log.events[-1]
    other = clinic()
    other.parts.secret = lambda: invite
    await invitation(other)
    other.log.before = [winner]
    assert (await redeem(other, invite, subject="second")).status_code == 409


async def test_an_invitation_ends_with_its_time_and_with_the_consultation() -> None:
    api = clinic()
    late, never = await invitation(api, expires_in_s=60), await invitation(api)
    api.now_s += 61
    assert (await redeem(api, late)).status_code == 404
    api.take(ConsultEvent("c-1", "canceled", 2, "ann", "clinic", "clinic", "exam-1"))
    assert (await redeem(api, never)).status_code == 404
    async with api.client("requester") as client:
        assert (await client.post(f"{ROOM}/invites", json={})).status_code == 409
        assert (await client.post(f"{ROOM}/tickets")).status_code == 409
        assert (await client.post(f"{ROOM}/messages", json={"text": "late"})).status_code == 409


async def test_an_invitation_takes_no_right_away() -> None:
    api = clinic()
    first, second = await invitation(api, rights=["see", "watch", "consult"]), await invitation(api)
    assert [(await redeem(api, one)).status_code for one in (first, second)] == [200, 200]
    async with api.client("expert", **GUEST) as client:
        assert (await client.post(f"{ROOM}/claim")).status_code == 200


async def test_a_message_stands_in_the_store_and_its_reference_on_the_log() -> None:
    api = clinic()
    hostile = '<img src=x onerror="alert(1)"> 二尖瓣?'
    async with api.client("requester") as client:
        said = (await client.post(f"{ROOM}/messages", json={"text": hostile})).json()
        answer = await client.get(f"{ROOM}/messages/{said['sha256']}")
        assert (await client.get(f"{ROOM}/messages/{'0' * 64}")).status_code == 404
    assert answer.text == hostile
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["content-disposition"] == "attachment"
    event = api.log.events[-1]
    assert event.object_key == f"clinic/consults/c-1/{said['sha256']}"
    assert "onerror" not in event.payload


async def test_an_image_is_kept_as_pixels_and_svg_is_refused() -> None:
    api = clinic()
    out = io.BytesIO()
    Image.new("RGB", (4, 4), (9, 8, 7)).save(out, "PNG")
    async with api.client("trainee") as client:
        said = (await client.post(f"{ROOM}/images", content=out.getvalue())).json()
        answer = await client.get(f"{ROOM}/messages/{said['sha256']}")
        svg = await client.post(f"{ROOM}/images", content=b"<svg onload=alert(1)>")
    assert answer.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).getpixel((0, 0)) == (9, 8, 7)
    assert svg.status_code == 415
