"""`/healthz` and `/metrics` as the supervisor and Prometheus ask for them."""

import json
import urllib.error
import urllib.request

import pytest

from huizhen.schemas.health_io import HealthServer


def ask(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.mark.parametrize(("kafka", "status"), [("ok", 200), ("no answer for 6 s", 503)])
def test_health_is_200_only_when_every_check_says_ok(kafka: str, status: int) -> None:
    server = HealthServer("127.0.0.1", 0, lambda: {"kafka": kafka, "loop": "ok"})
    try:
        found, body = ask(server.port, "/healthz")
        assert (found, json.loads(body)) == (status, {"kafka": kafka, "loop": "ok"})
        assert b"python_info" in ask(server.port, "/metrics")[1]
        assert ask(server.port, "/secrets")[0] == 404
    finally:
        server.close()
