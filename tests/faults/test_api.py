"""The api while Kafka is away."""

from pathlib import Path

import httpx

from huizhen.cli.topics_io import ensure_topics
from huizhen.schemas.settings import S3Settings
from tests.services.api_server import ApiServer
from tests.services.broker import Broker
from tests.services.waiting import wait_for


def test_a_broker_that_is_away_at_start_is_waited_for(s3: S3Settings, tmp_path: Path) -> None:
    (tmp_path / "kafka").mkdir()
    broker = Broker(tmp_path / "kafka")
    server = ApiServer(tmp_path, broker.settings, s3, ["clinic"])
    try:
        server.start(wait=False)
        wait_for(lambda: _status(server, "/healthz") == 200, 60, "it lives")
        assert _status(server, "/readyz") == 503
        with server.client("ann", "clinic", ["viewer"]) as client:
            answer = client.get("/v1/sessions")
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        broker.start()
        ensure_topics(broker.settings, ["clinic"])
        wait_for(lambda: _status(server, "/readyz") == 200, 90, "it is ready")
        with server.client("ann", "clinic", ["viewer"]) as client:
            assert client.get("/v1/sessions").json()["items"] == []
    finally:
        server.stop()
        broker.stop()


def _status(server: ApiServer, path: str) -> int:
    try:
        return httpx.get(server.url + path, timeout=5).status_code
    except httpx.HTTPError:
        return 0
