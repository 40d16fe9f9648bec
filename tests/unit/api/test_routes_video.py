"""WHEP as a player sees it."""

import pytest

from huizhen.api.routes_video import SDP
from huizhen.api.sdp import OFFER_MAX_BYTES, BadOffer
from tests.services.fake_api import FakeApi
from tests.services.fake_station import FakeStation
from tests.services.fake_videos import VIDEO

WHEP = "/v1/sessions/exam-1/whep"
HEADERS = {"content-type": SDP}
OFFER = b"v=0\r\n"


@pytest.fixture
def api() -> FakeApi:
    made = FakeApi()
    made.take(FakeStation("clinic").announced())
    return made


async def test_an_offer_is_answered_with_sdp_and_the_place_that_ends_it(api: FakeApi) -> None:
    async with api.client("viewer") as client:
        answer = await client.post(WHEP, content=OFFER, headers=HEADERS)
        assert (answer.status_code, answer.text) == (201, "v=0\r\n")
        assert answer.headers["content-type"] == SDP
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["location"] == f"{WHEP}/{VIDEO}"
        assert (await client.delete(answer.headers["location"])).status_code == 200
        assert (await client.delete(f"{WHEP}/another")).status_code == 404
    ((stream, offer),) = api.videos.offers
    assert (str(stream.source), offer) == ("probe", OFFER)


async def test_relays_are_named_before_the_offer_and_with_the_answer(api: FakeApi) -> None:
    async with api.client("viewer") as client:
        asked = await client.options(WHEP)
        answered = await client.post(WHEP, content=OFFER, headers=HEADERS)
    assert asked.status_code == 204
    assert asked.headers["accept-post"] == SDP
    for one in (asked, answered):
        assert one.headers["link"].startswith(
            '<turns:turn.example.org:443?transport=tcp>; rel="ice-server"; username="'
        )


async def test_candidates_cannot_be_sent_later(api: FakeApi) -> None:
    async with api.client("viewer") as client:
        refused = await client.patch(f"{WHEP}/{VIDEO}", content=b"a=candidate:1")
    assert (refused.status_code, refused.headers["allow"]) == (405, "DELETE")


async def test_a_source_is_chosen_by_name_and_no_other_is_there(api: FakeApi) -> None:
    async with api.client("viewer") as client:
        assert (await client.post(f"{WHEP}?source=probe", content=OFFER, headers=HEADERS)).status_code == 201
        for name in ("camera", "../probe", "*"):
            answer = await client.post(WHEP, params={"source": name}, content=OFFER, headers=HEADERS)
            assert answer.status_code == 404
    assert len(api.videos.offers) == 1


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [(OFFER, "application/json", 415), (OFFER, "", 415), (b"x" * (OFFER_MAX_BYTES + 1), SDP, 413)],
)
async def test_what_is_no_offer_is_refused(api: FakeApi, content: bytes, media_type: str, status: int) -> None:
    async with api.client("viewer") as client:
        answer = await client.post(WHEP, content=content, headers={"content-type": media_type})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert api.videos.offers == []


async def test_an_offer_that_cannot_be_answered_is_a_422_that_says_why(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def begin(*_: object) -> None:
        raise BadOffer("it is no SDP")

    monkeypatch.setattr(api.videos, "begin", begin)
    async with api.client("viewer") as client:
        answer = await client.post(WHEP, content=OFFER, headers=HEADERS)
    assert (answer.status_code, answer.json()["detail"]) == (422, "the offer is not accepted: it is no SDP")


async def test_a_site_without_video_says_so(api: FakeApi) -> None:
    api.parts.video = None
    async with api.client("viewer") as client:
        assert (await client.options(WHEP)).status_code == 501
        refused = await client.post(WHEP, content=OFFER, headers=HEADERS)
        assert (refused.status_code, refused.json()["title"]) == (501, "This site does not offer it")
        assert (await client.delete(f"{WHEP}/{VIDEO}")).status_code == 404
