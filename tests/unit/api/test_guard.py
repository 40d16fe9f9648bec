"""The door before every route."""

import pytest
from fastapi import APIRouter

from huizhen.api.guard import GuardedRoute
from tests.services.fake_api import FakeApi
from tests.services.fake_station import FakeStation


def test_a_route_without_a_door_cannot_be_built() -> None:
    router = APIRouter(route_class=GuardedRoute)
    with pytest.raises(TypeError, match="exactly one Allow"):

        @router.get("/open")
        async def open_route() -> None: ...


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"7", b'{"session": 7}', b'{"session": ""}', b"[" * 100_000])
async def test_a_stranger_learns_nothing_of_what_is_wrong_with_a_body(body: bytes) -> None:
    api = FakeApi()
    for roles, status in (((), 401), (("qc",), 403), (("viewer",), 422)):
        async with api.client(*roles) as client:
            answer = await client.post("/v1/tickets", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == status


async def test_a_body_in_another_form_is_refused_with_one_event() -> None:
    api = FakeApi()
    api.take(FakeStation("clinic").announced())
    async with api.client("viewer") as client:
        answer = await client.post(
            "/v1/tickets", content=b'{"purpose":"live","session":"exam-1"}', headers={"content-type": "text/plain"}
        )
    assert answer.status_code == 422
    assert len(api.audit.take()) == 1


async def test_a_wrong_value_is_named_and_not_repeated() -> None:
    api = FakeApi()
    api.take(FakeStation("clinic").announced())
    async with api.client("viewer") as client:
        answer = await client.post("/v1/tickets", json={"purpose": "CANARY", "session": "exam-1"})
    assert answer.status_code == 422
    assert "body.purpose" in answer.json()["detail"]
    assert "CANARY" not in answer.text
