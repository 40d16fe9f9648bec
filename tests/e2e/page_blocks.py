"""Networks that let some things through and others not, around the API of the page's tests."""

from typing import Any

from aioice.ice import StunProtocol
from starlette.types import ASGIApp, Receive, Scope, Send


class Blocks:
    """What does not get through now."""

    def __init__(self) -> None:
        self.sockets = False
        self.udp = False
        received = StunProtocol.datagram_received

        def datagram_received(protocol: StunProtocol, data: bytes | str, address: tuple[Any, ...]) -> None:
            if not self.udp:
                received(protocol, data, address)

        StunProtocol.datagram_received = datagram_received  # type: ignore[method-assign,assignment] # of this process

    def around(self, app: ASGIApp) -> ASGIApp:
        """Refuse live sockets while they are blocked, as a proxy does that does not know them."""

        async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "websocket" and self.sockets and scope["path"].endswith("/live"):
                await receive()
                await send({"type": "websocket.close"})
                return
            await app(scope, receive, send)

        return asgi
