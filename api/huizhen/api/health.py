"""`/healthz` says the process lives, `/readyz` that it can serve: Kafka answers, the bucket too, the logs are read."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Response
from pydantic import BaseModel

Check = Callable[[], Awaitable[str]]
"""Gives "ok" or one line that says what is wrong"""
FRESH_S = 2.0  # how long an answer of the checks is given again: strangers may ask
CHECK_S = 3.0


class HealthView(BaseModel):
    """One line per thing that must work."""

    checks: dict[str, str]


class Readiness:
    """Runs the checks, at most one round at a time and one per FRESH_S."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._lock = asyncio.Lock()
        self._found: dict[str, str] = {}
        self._at_s = float("-inf")

    async def ask(self) -> dict[str, str]:
        """Give the outcome of every check."""
        async with self._lock:
            if time.monotonic() - self._at_s > FRESH_S:
                names = list(self._checks)
                found = await asyncio.gather(*(self._one(self._checks[name]) for name in names))
                self._found = dict(zip(names, found, strict=True))
                self._at_s = time.monotonic()
            return self._found

    async def _one(self, check: Check) -> str:
        try:
            async with asyncio.timeout(CHECK_S):
                return await check()
        except TimeoutError:
            return f"no answer within {CHECK_S:g} s"


def router(checks: Mapping[str, Check]) -> APIRouter:
    """Make the two routes, open to everybody and saying little."""
    made = APIRouter(tags=["health"])
    readiness = Readiness(checks)

    @made.get("/healthz")
    async def healthz() -> HealthView:
        """Say that the process lives."""
        return HealthView(checks={"api": "ok"})

    @made.get("/readyz", responses={503: {"model": HealthView}})
    async def readyz(response: Response) -> HealthView:
        """Say whether it can serve."""
        found = await readiness.ask()
        if any(text != "ok" for text in found.values()):
            response.status_code = 503
        return HealthView(checks=found)

    return made
