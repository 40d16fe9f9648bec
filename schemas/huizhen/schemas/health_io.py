"""`/healthz` and `/metrics` of a part, on a loopback port of its own thread."""

import json
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import REGISTRY, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from huizhen.schemas.threads_io import thread

Checks = Callable[[], Mapping[str, str]]
"""Gives, per thing that must work, "ok" or one line that says what is wrong"""


class HealthServer:
    """Serves `/healthz` (200 where all checks say ok, else 503) and `/metrics`."""

    def __init__(self, host: str, port: int, checks: Checks) -> None:
        self._server = _Server((host, port), checks)
        self._thread = thread("health", self._server.serve_forever)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], checks: Checks) -> None:
        self.checks = checks
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/metrics":
            self._answer(200, CONTENT_TYPE_LATEST, generate_latest(REGISTRY))
        elif self.path == "/healthz":
            found = dict(self.server.checks()) if isinstance(self.server, _Server) else {}
            well = all(value == "ok" for value in found.values())
            self._answer(200 if well else 503, "application/json", json.dumps(found).encode())
        else:
            self._answer(404, "text/plain", b"only /healthz and /metrics\n")

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: the supervisor asks every second."""
