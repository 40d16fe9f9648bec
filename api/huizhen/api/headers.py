"""Headers and limits that hold for every answer: content security, no sniffing, size of bodies, counting."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from huizhen.api.metrics import Metrics
from huizhen.api.problem import Problem, response


def content_security_policy(sockets: Sequence[str]) -> str:
    """Give the policy of the page: its own files only, WebAssembly for the codec, sockets to us."""
    return "; ".join((
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "worker-src 'self'",
        f"connect-src 'self' {' '.join(sockets)}".rstrip(),
        "img-src 'self' blob: data:",
        "style-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ))  # fmt: skip


UPLOADS = re.compile(r"/v1/consults/[^/]+/files")
"""The one path that takes whole files"""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a request's body may be."""

    body_max_bytes: int
    upload_max_bytes: int

    def of(self, path: str) -> tuple[int, str]:
        """Give the limit of a path and the setting that says it."""
        if UPLOADS.fullmatch(path):
            return self.upload_max_bytes, "api.upload_max_bytes"
        return self.body_max_bytes, "api.body_max_bytes"


class Guardrails:
    """Pure ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, policy: str, limits: BodyLimits, metrics: Metrics) -> None:
        self._app = app
        self._limits = limits
        self._metrics = metrics
        self._headers = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
                self._count(scope, int(message["status"]), time.perf_counter() - began_s)
            await send(message)

        limit_bytes, setting = self._limits.of(scope["path"])
        if _declared_length(scope) > limit_bytes:
            problem = Problem(413, f"at most {limit_bytes} bytes ({setting})")
            await response(problem, scope["path"])(scope, receive, send_with_headers)
            return
        await self._app(scope, _bounded(receive, limit_bytes), send_with_headers)

    def _count(self, scope: Scope, status: int, took_s: float) -> None:
        route = getattr(scope.get("route"), "path", "") or "other"
        method = scope["method"] if scope["method"] in {"GET", "POST", "HEAD", "OPTIONS", "DELETE"} else "other"
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.request_seconds.labels(route).observe(took_s)


def _bounded(receive: Receive, limit_bytes: int) -> Receive:
    read_bytes = 0

    async def bounded() -> Message:
        nonlocal read_bytes
        message = await receive()
        read_bytes += len(message.get("body", b""))
        if read_bytes > limit_bytes:
            raise HTTPException(413)
        return message

    return bounded


def _declared_length(scope: Scope) -> int:
    text = Headers(scope=scope).get("content-length", "0")
    return int(text) if text.isdecimal() and len(text) < 20 else 0
