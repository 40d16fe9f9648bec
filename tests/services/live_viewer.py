"""A viewer on a real WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.services.asgi_socket import split

FRAME_MAX_BYTES = 20 << 20


class Viewer:
    """A joined socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def said(self, kind: str) -> dict[str, Any]:
        """Give the next text message of a kind."""
        while True:
            message = await self.socket.recv()
            if isinstance(message, str) and json.loads(message)["type"] == kind:
                found: dict[str, Any] = json.loads(message)
                return found

    async def frame(self) -> tuple[dict[str, Any], bytes]:
        """Give the next frame and say that it is painted."""
        while True:
            message = await self.socket.recv()
            if isinstance(message, bytes):
                head, codestream = split(message)
                painted = {"type": "painted", "number": head["number"], "revision": head["revision"]}
                await self.socket.send(json.dumps(painted))
                return head, codestream


@asynccontextmanager
async def watch(
    url: str, client: httpx.Client, session: str, offer_compression: bool = False, through: str = "", **asked: str
) -> AsyncIterator[Viewer]:
    """Get a ticket and join; `through`: the URL of a proxy to connect by."""
    body = {"purpose": "live", "session": session}
    ticket = (await asyncio.to_thread(client.post, "/v1/tickets", json=body)).json()["ticket"]
    address = (through or url).replace("http", "ws", 1) + f"/v1/sessions/{session}/live"
    compression = "deflate" if offer_compression else None
    async with connect(
        address, origin=Origin(url), subprotocols=[Subprotocol("huizhen.live.v1")], compression=compression,
        max_size=FRAME_MAX_BYTES,
    ) as socket:  # fmt: skip
        await socket.send(json.dumps({"type": "join", "ticket": ticket, **asked}))
        yield Viewer(socket)
