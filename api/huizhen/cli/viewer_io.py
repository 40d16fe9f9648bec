"""A viewer without a screen: signs in, joins a live session and says what reached it and when.

Used by `huizhen demo --once` and by the benchmarks, so that latency is measured at the place where a person would look.
"""

import json
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from websockets import Origin, Subprotocol
from websockets.sync.client import ClientConnection, connect

SUBPROTOCOL = "huizhen.live.v1"
OPEN_S = 10.0
FRAME_MAX = 17 << 20
LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture as it arrived."""

    header: dict[str, Any]
    stream: bytes
    arrived_ns: int
    """UTC, nanoseconds since 1970"""

    @property
    def latency_ms(self) -> float:
        """Time from capture (by the cloud's clock) to arrival."""
        return (self.arrived_ns - int(self.header["captured_at_ns"])) / 1e6


class Person:
    """Somebody signed in at the page's address."""

    def __init__(self, page: str, code: str) -> None:
        self._page = page.rstrip("/")
        self._http = httpx.Client(base_url=self._page, timeout=OPEN_S)
        self._http.headers["authorization"] = f"Bearer {self.post('/v1/sign-in', {'code': code})['access_token']}"

    def get(self, path: str) -> Any:
        """Give the JSON of a GET; raises httpx.HTTPStatusError."""
        return self._http.get(path).raise_for_status().json()

    def read(self, path: str) -> bytes:
        """Give the bytes of a GET; raises httpx.HTTPStatusError."""
        return self._http.get(path).raise_for_status().content

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Give the JSON of a POST; raises httpx.HTTPStatusError."""
        return self._http.post(path, json=body).raise_for_status().json()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def watch(self, session: str, resolution: str = "full") -> "Viewer":
        """Join a session's live pictures."""
        ticket = self.post("/v1/tickets", {"purpose": "live", "session": session})["ticket"]
        address = self._page.replace("http", "ws", 1) + f"/v1/sessions/{session}/live"
        return Viewer(address, self._page, {"type": "join", "ticket": ticket, "source": "", "resolution": resolution})


class Viewer:
    """A live WebSocket, joined."""

    def __init__(self, address: str, origin: str, join: dict[str, Any]) -> None:
        self._socket: ClientConnection = connect(
            address,
            origin=Origin(origin),
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            max_size=FRAME_MAX,
            open_timeout=OPEN_S,
        )
        self._socket.send(json.dumps(join))
        self.ticks: list[dict[str, Any]] = []

    def pictures(self, silence_s: float) -> Iterator[Seen]:
        """Yield pictures until the session ends or none comes for `silence_s`; each is acknowledged as painted."""
        deadline = time.monotonic() + silence_s
        while (left := deadline - time.monotonic()) > 0:
            try:
                message = self._socket.recv(timeout=left)
            except TimeoutError:
                return
            if isinstance(message, str):
                if self._heard(json.loads(message)):
                    return
                continue
            deadline = time.monotonic() + silence_s
            seen = _split(message, time.time_ns())
            painted = {"type": "painted", "number": seen.header["number"], "revision": seen.header["revision"]}
            self._socket.send(json.dumps(painted))
            yield seen

    def _heard(self, message: dict[str, Any]) -> bool:
        self.ticks.append(message)
        del self.ticks[:-100]
        if message["type"] == "error":
            raise ConnectionError(f"{message.get('title')}: {message.get('detail')}")
        return bool(message["type"] == "end")

    def close(self) -> None:
        """Leave."""
        self._socket.close()


def _split(message: bytes, arrived_ns: int) -> Seen:
    (length,) = LENGTH.unpack_from(message)
    header = json.loads(message[LENGTH.size : LENGTH.size + length])
    return Seen(header, message[LENGTH.size + length :], arrived_ns)
