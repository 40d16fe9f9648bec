"""Headers and sizes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from huizhen.api.headers import content_security_policy
from tests.services.fake_api import FakeApi
from tests.services.fake_station import FakeStation


def test_the_policy_lets_the_page_load_its_own_files_alone() -> None:
    policy = content_security_policy(["ws://127.0.0.1:8080"])
    assert "default-src 'none'" in policy
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "connect-src 'self' ws://127.0.0.1:8080;" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/sessions", "/nothing"])
async def test_every_answer_carries_the_headers(path: str, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>")
    async with FakeApi(tmp_path).client() as client:
        answer = await client.get(path)
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "server" not in answer.headers


async def test_a_large_body_is_refused_whether_it_says_its_size_or_not() -> None:
    api = FakeApi(body_max_bytes=2000)
    api.take(FakeStation("clinic").announced())

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 100

    async with api.client("viewer") as client:
        for content in (b" " * 2001, pieces()):
            answer = await client.post("/v1/tickets", content=content, headers={"content-type": "application/json"})
            assert answer.status_code == 413
            assert answer.headers["content-type"] == "application/problem+json"


async def test_requests_are_counted_by_template_never_by_id() -> None:
    api = FakeApi()
    async with api.client("viewer") as client:
        for number in range(5):
            await client.get(f"/v1/sessions/exam-{number}")
            await client.get(f"/secret/{number}")
    labels = {
        (sample.labels["route"], sample.labels["status"]): sample.value
        for metric in api.registry.collect()
        for sample in metric.samples
        if sample.name == "huizhen_api_requests_total"
    }
    assert labels[("/v1/sessions/{session}", "404")] == 5
    assert not any("exam" in route or "secret" in route for route, _ in labels)


async def test_pages_of_named_origins_alone_may_read_answers() -> None:
    api = FakeApi(origins=["https://page.example"])
    async with api.client("viewer") as client:
        for origin, allowed in (("https://page.example", "https://page.example"), ("https://evil.example", None)):
            answer = await client.get("/v1/sessions", headers={"origin": origin})
            assert answer.headers.get("access-control-allow-origin") == allowed
