"""Alive, and ready."""

import asyncio

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from huizhen.api import health


def client(**checks: health.Check) -> AsyncClient:
    app = FastAPI()
    app.include_router(health.router(checks))
    return AsyncClient(transport=ASGITransport(app), base_url="http://test")


async def ok() -> str:
    return "ok"


async def test_ready_when_all_checks_say_ok() -> None:
    async with client(kafka=ok, s3=ok) as asked:
        answer = await asked.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"checks": {"kafka": "ok", "s3": "ok"}})


async def test_not_ready_says_what_is_wrong_and_lives_all_the_same() -> None:
    async def away() -> str:
        return "does not answer"

    async with client(kafka=ok, s3=away) as asked:
        answer = await asked.get("/readyz")
        assert (await asked.get("/healthz")).status_code == 200
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"kafka": "ok", "s3": "does not answer"}


async def test_a_check_that_hangs_is_bounded_and_asked_once_for_many() -> None:
    asked_times = 0

    async def slow() -> str:
        nonlocal asked_times
        asked_times += 1
        await asyncio.sleep(0.01)
        return "ok"

    async with client(kafka=slow) as asked:
        answers = await asyncio.gather(*(asked.get("/readyz") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert asked_times == 1
