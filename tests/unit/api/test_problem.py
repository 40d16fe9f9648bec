"""Errors have one shape."""

import pytest
from starlette.exceptions import HTTPException

from huizhen.api.problem import Problem, absent, body, of
from huizhen.schemas.errors import BadId, Bug, Refused, Unavailable
from huizhen.schemas.reasons import RejectReason
from tests.services.fake_api import FakeApi


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Problem(409, "x"), 409),
        (Unavailable("Kafka", 1.2), 503),
        (BadId(kind="SessionId", text="../x", rule="a slug"), 404),
        (Refused(RejectReason.POLICY, "no"), 422),
        (HTTPException(405), 405),
        (HTTPException(418), 400),
        (Bug("secret detail"), 500),
        (RuntimeError("secret detail"), 500),
    ],
)
def test_errors_become_problems(error: Exception, status: int) -> None:
    found = of(error)
    assert found.status == status
    assert "secret" not in found.detail


def test_what_is_not_available_says_when_to_come_back() -> None:
    assert of(Unavailable("Kafka", 1.2)).headers == {"retry-after": "2"}


def test_absent_and_foreign_are_one_answer() -> None:
    assert body(absent(), "/v1/sessions/x")["detail"] == "it does not exist, or nobody let you in"


async def test_unknown_paths_and_methods_are_problems() -> None:
    api = FakeApi()
    async with api.client("viewer") as client:
        for method, path, status in (("GET", "/v1/nothing", 404), ("PUT", "/v1/sessions", 405), ("GET", "/x", 404)):
            answer = await client.request(method, path)
            assert answer.status_code == status
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["instance"] == path


async def test_a_path_lists_all_its_methods() -> None:
    async with FakeApi().client("viewer") as client:
        assert (await client.options("/v1/consults")).headers["allow"] == "GET, POST"
        assert (await client.get("/v1/tickets")).headers["allow"] == "POST"
        assert (await client.get("/v1/tickets")).status_code == 405


async def test_a_bug_is_a_500_that_says_nothing() -> None:
    api = FakeApi()
    api.parts.world = None  # type: ignore[assignment] # the bug
    async with api.client("viewer") as client:
        answer = await client.get("/v1/sessions")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "NoneType" not in answer.text
