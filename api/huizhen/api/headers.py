"""Headers and limits that hold for every answer: content security, no sniffing, size of bodies, counting."""

import time
from collections.abc import Sequence

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


class Guardrails:
    """Pure ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, policy: str, body_max_bytes: int, metrics: Metrics) -> None:
        self._app = app
        self._body_max_bytes = body_max_bytes
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

        if _declared_length(scope) > self._body_max_bytes:
            problem = Problem(413, f"at most {self._body_max_bytes} bytes (api.body_max_bytes)")
            await response(problem, scope["path"])(scope, receive, send_with_headers)
            return
        await self._app(scope, self._bounded(receive), send_with_headers)

    def _bounded(self, receive: Receive) -> Receive:
        read_bytes = 0

        async def bounded() -> Message:
            nonlocal read_bytes
            message = await receive()
            read_bytes += len(message.get("body", b""))
            if read_bytes > self._body_max_bytes:
                raise HTTPException(413)
            return message

        return bounded

    def _count(self, scope: Scope, status: int, took_s: float) -> None:
        route = getattr(scope.get("route"), "path", "") or "other"
        method = scope["method"] if scope["method"] in {"GET", "POST", "HEAD", "OPTIONS"} else "other"
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.request_seconds.labels(route).observe(took_s)


def _declared_length(scope: Scope) -> int:
    text = Headers(scope=scope).get("content-length", "0")
    return int(text) if text.isdecimal() and len(text) < 20 else 0
