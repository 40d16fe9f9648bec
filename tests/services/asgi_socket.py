"""A WebSocket client that talks to an ASGI app without a network."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

WAIT_S = 5.0


class Closed(Exception):
    """The server closed, or refused by HTTP (`code` is then the status)."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"{code} {reason}")
        self.code = code


class Socket:
    """One connection."""

    def __init__(self) -> None:
        self.to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.subprotocol: str | None = None
        self.stuck = False
        """Whether frames are not taken any more"""
        self.is_gone = False
        """Whether the other end has closed, which the app was not told yet"""

    async def put(self, message: MutableMapping[str, Any]) -> None:
        """Take what the app sends; raises as uvicorn does."""
        if self.is_gone:
            raise RuntimeError("Unexpected ASGI message 'websocket.send', after sending 'websocket.close'.")
        if self.stuck and message["type"] == "websocket.send" and message.get("bytes") is not None:
            await asyncio.Event().wait()  # until the app gives up
        await self.from_app.put(dict(message))

    async def text(self, message: object) -> None:
        """Send a text message."""
        text = message if isinstance(message, str) else json.dumps(message)
        await self.to_app.put({"type": "websocket.receive", "text": text})

    async def binary(self, message: bytes) -> None:
        """Send a binary message."""
        await self.to_app.put({"type": "websocket.receive", "bytes": message})

    async def receive(self) -> dict[str, Any] | tuple[dict[str, Any], bytes]:
        """Give the next message: JSON, or the header and codestream of a frame; raises Closed."""
        async with asyncio.timeout(WAIT_S):
            message = await self.from_app.get()
        if message["type"] == "websocket.send":
            if message.get("bytes") is not None:
                return split(message["bytes"])
            found: dict[str, Any] = json.loads(message["text"])
            return found
        if message["type"] == "websocket.close":
            raise Closed(message.get("code", 1000), message.get("reason", ""))
        raise Closed(message["status"])

    async def said(self, kind: str) -> dict[str, Any]:
        """Give the next text message of a kind, passing over others."""
        while True:
            message = await self.receive()
            if isinstance(message, dict) and message["type"] == kind:
                return message

    async def frame(self) -> tuple[dict[str, Any], bytes]:
        """Give the next frame, passing over text messages."""
        while True:
            message = await self.receive()
            if isinstance(message, tuple):
                return message

    async def closed(self) -> int:
        """Give the code the server closes with, passing over messages."""
        try:
            while True:
                await self.receive()
        except Closed as closed:
            return closed.code


def split(message: bytes) -> tuple[dict[str, Any], bytes]:
    """Take a frame's message apart."""
    (length,) = struct.unpack_from("<I", message)
    return json.loads(message[4 : 4 + length]), message[4 + length :]


@asynccontextmanager
async def connect(
    app: FastAPI, path: str, origin: str | None = None, subprotocols: tuple[str, ...] = ("huizhen.live.v1",)
) -> AsyncIterator[Socket]:
    """Connect; the block ends with a disconnect."""
    socket = Socket()
    headers = [(b"origin", origin.encode())] if origin else []
    scope = {
        "type": "websocket", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "scheme": "ws",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8080), "subprotocols": list(subprotocols), "state": {},
        "extensions": {"websocket.http.response": {}},
    }  # fmt: skip
    await socket.to_app.put({"type": "websocket.connect"})
    task = asyncio.create_task(app(scope, socket.to_app.get, socket.put))
    try:
        async with asyncio.timeout(WAIT_S):
            first = await socket.from_app.get()
        if first["type"] != "websocket.accept":
            raise Closed(first.get("status", first.get("code", 0)))
        socket.subprotocol = first.get("subprotocol")
        yield socket
    finally:
        await socket.to_app.put({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(WAIT_S):
            await task
