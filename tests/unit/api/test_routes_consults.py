"""Consultations over HTTP, on a log that is read back at once."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from huizhen.schemas.events import ConsultEvent
from tests.services.fake_api import FakeApi
from tests.services.fake_station import FakeStation

ROLES = ("requester", "expert", "admin")


@pytest.fixture
def api() -> FakeApi:
    made = FakeApi()
    made.take(FakeStation("clinic").announced())
    return made


@pytest.fixture
async def client(api: FakeApi) -> AsyncIterator[httpx.AsyncClient]:
    async with api.client(*ROLES) as made:
        yield made


async def request(client: httpx.AsyncClient, **more: str) -> dict[str, object]:
    answer = await client.post("/v1/consults", json={"session": "exam-1", **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    assert answer.headers["location"] == f"/v1/consults/{found['consult']}"
    return found


async def test_a_request_waits_in_the_queue(client: httpx.AsyncClient) -> None:
    first = await request(client, reason="thyroid nodule", specialty="endocrine")
    second = await request(client, urgency="STAT")
    assert (first["state"], first["position"], first["expected_wait_s"]) == ("SCHEDULED", 1, None)
    assert second["position"] == 1
    again = (await client.get(f"/v1/consults/{first['consult']}")).json()
    assert (again["position"], again["reason"], again["requested_by"]) == (2, "thyroid nodule", "ann")
    listed = (await client.get("/v1/consults?state=SCHEDULED")).json()
    assert {one["consult"] for one in listed["items"]} == {first["consult"], second["consult"]}


async def test_asking_again_with_the_same_key_gives_the_same_consultation(
    api: FakeApi, client: httpx.AsyncClient
) -> None:
    headers = {"idempotency-key": "k-1"}
    bodies = [{"session": "exam-1", "reason": reason} for reason in ("a", "a", "b")]
    answers = [await client.post("/v1/consults", json=body, headers=headers) for body in bodies]
    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert answers[0].json()["consult"] == answers[1].json()["consult"]
    assert len(api.log.events) == 1
    async with api.client("requester", subject="bob") as other:
        answer = await other.post("/v1/consults", json=bodies[0], headers=headers)
    assert answer.json()["consult"] != answers[0].json()["consult"]


async def test_the_one_who_claims_finishes_with_the_transaction_uid(client: httpx.AsyncClient) -> None:
    path = f"/v1/consults/{(await request(client))['consult']}"
    claimed = (await client.post(f"{path}/claim")).json()
    assert claimed["transaction_uid"].startswith("2.25.")
    assert (await client.get(path)).json()["state"] == "IN PROGRESS"
    assert claimed["transaction_uid"] not in (await client.get(path)).text
    assert (await client.post(f"{path}/claim")).status_code == 409
    assert (await client.post(f"{path}/finish", json={"transaction_uid": "2.25.7"})).status_code == 409
    assert (await client.post(f"{path}/cancel", json={})).status_code == 409
    done = await client.post(f"{path}/finish", json={"transaction_uid": claimed["transaction_uid"]})
    assert (done.status_code, done.json()["state"]) == (200, "COMPLETED")
    assert (
        await client.post(f"{path}/finish", json={"transaction_uid": claimed["transaction_uid"]})
    ).status_code == 409


async def test_who_comes_second_in_the_log_loses_the_claim(api: FakeApi, client: httpx.AsyncClient) -> None:
    name = str((await request(client))["consult"])
    rival = ConsultEvent(
        name, "claimed", 1, "eve", "clinic", "clinic", "exam-1", event_id="rival", transaction_uid="2.25.9"
    )
    api.log.before = [rival]
    assert (await client.post(f"/v1/consults/{name}/claim")).status_code == 409
    assert (await client.get(f"/v1/consults/{name}")).json()["claimed_by"] == "eve"


async def test_a_waiting_consultation_is_taken_back(client: httpx.AsyncClient) -> None:
    path = f"/v1/consults/{(await request(client))['consult']}"
    assert (await client.post(f"{path}/cancel", json={})).json()["state"] == "CANCELED"
    assert (await client.post(f"{path}/claim")).status_code == 409


async def test_a_grant_lets_a_guest_in_and_a_revoke_out_again(api: FakeApi, client: httpx.AsyncClient) -> None:
    path = f"/v1/consults/{(await request(client))['consult']}"
    guest = {"subject": "guest", "institution": "elsewhere"}
    async with api.client("expert", **guest) as other:
        assert (await other.get("/v1/sessions/exam-1")).status_code == 404
        granted = await client.post(f"{path}/grant", json={**guest, "rights": ["see", "watch"], "expires_in_s": 60})
        assert granted.json()["grants"][0]["rights"] == ["see", "watch"]
        assert (await other.get("/v1/sessions/exam-1")).json()["tenant"] == "clinic"
        assert [one["session"] for one in (await other.get("/v1/sessions")).json()["items"]] == ["exam-1"]
        assert (await other.get(path)).status_code == 200
        assert (await other.post(f"{path}/claim")).status_code == 404
        assert (await client.post(f"{path}/revoke", json=guest)).json()["grants"] == []
        assert (await other.get("/v1/sessions/exam-1")).status_code == 404
        assert (await other.get(path)).status_code == 404


async def test_a_guest_who_claimed_still_sees_the_consultation_when_it_ended(
    api: FakeApi, client: httpx.AsyncClient
) -> None:
    path = f"/v1/consults/{(await request(client))['consult']}"
    guest = {"subject": "guest", "institution": "elsewhere"}
    await client.post(f"{path}/grant", json=guest)
    async with api.client("expert", **guest) as other:
        uid = (await other.post(f"{path}/claim")).json()["transaction_uid"]
        assert (await other.post(f"{path}/finish", json={"transaction_uid": uid})).json()["state"] == "COMPLETED"
        assert (await other.get(path)).json()["claimed_by_institution"] == "elsewhere"
        assert (await other.get("/v1/sessions/exam-1")).status_code == 404


async def test_a_log_that_is_away_is_said_and_nothing_is_pretended(api: FakeApi, client: httpx.AsyncClient) -> None:
    path = f"/v1/consults/{(await request(client))['consult']}"
    api.log.away = True
    answer = await client.post(f"{path}/claim")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert (await client.get(path)).json()["state"] == "SCHEDULED"


@pytest.mark.parametrize(
    "body",
    [
        {"session": "exam-1", "urgency": "NOW"},
        {"session": "exam-1", "reason": "x" * 501},
        {"session": "exam-1", "patient": "CANARY"},
        {"session": "exam-1", "reason": 7},
    ],
)
async def test_wrong_values_are_refused(client: httpx.AsyncClient, body: dict[str, object]) -> None:
    assert (await client.post("/v1/consults", json=body)).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"subject": "Bob", "institution": "elsewhere"},
        {"subject": "bob", "institution": "../x"},
        {"subject": "bob", "institution": "elsewhere", "rights": ["grant"]},
        {"subject": "bob", "institution": "elsewhere", "expires_in_s": 90_000},
    ],
)
async def test_wrong_grants_are_refused(client: httpx.AsyncClient, body: dict[str, object]) -> None:
    path = f"/v1/consults/{(await request(client))['consult']}"
    assert (await client.post(f"{path}/grant", json=body)).status_code == 422


async def test_the_expected_wait_comes_from_recent_consultations(api: FakeApi, client: httpx.AsyncClient) -> None:
    asked = ConsultEvent("c-old", "requested", 0, "ann", "clinic", "clinic", "exam-1")
    claimed = replace(asked, kind="claimed", transaction_uid="2.25.1")
    api.take(asked, claimed, replace(claimed, kind="finished", at_ns=300_000_000_000))
    await request(client)
    assert (await request(client))["expected_wait_s"] == 300.0
