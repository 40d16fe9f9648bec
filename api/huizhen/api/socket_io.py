"""What our sockets do alike: they are served and ended, hear text only, and send in bounded time."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

import structlog
from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect

from huizhen.api.live_join import end_with
from huizhen.api.live_messages import FAILED, TOO_MANY, TOO_SLOW, TRY_AGAIN, SocketProblem
from huizhen.api.parts import Parts
from huizhen.schemas.errors import Unavailable

SEND_MAX_S = 10.0  # a socket that takes no bytes this long is closed
ABNORMAL = 1006  # RFC 6455: closed without a closing handshake
NOT_TEXT = 1003
Said = TypeVar("Said")
log = structlog.get_logger()


async def serve(websocket: WebSocket, parts: Parts, failed: str, stay: Callable[[], Awaitable[None]]) -> None:
    """Give an accepted socket a seat and let it stay; whatever ends it is told. `failed`: how a bug is logged."""
    try:
        with parts.seats.take() as free:
            if not free:
                raise SocketProblem(TOO_MANY, "All seats are taken", f"{parts.settings.api.viewers_max} viewers")
            await stay()
    except SocketProblem as problem:
        await end_with(websocket, problem)
    except Unavailable as error:
        await end_with(websocket, SocketProblem(TRY_AGAIN, "Try again", str(error)))
    except WebSocketDisconnect:
        return
    except Exception as error:
        log.error(failed, exc_info=error)
        await end_with(websocket, SocketProblem(FAILED, "The server failed", "it is logged; try again"))


async def both(listening: Awaitable[None], sending: Coroutine[None, None, None]) -> None:
    """Listen and send until one of them ends; raises what one of them raises, but that the other end has left.

    Without `except*`: what is raised in it comes as a group on Debian 12's Python 3.11.2, and bare on later ones.
    """
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(sending)
            await listening
            task.cancel()
    except ExceptionGroup as found:
        _, left = found.split(WebSocketDisconnect)
        if left is None:
            return
        problems, others = left.split(SocketProblem)
        raise _first_of(others or problems or left) from found


def _first_of(group: ExceptionGroup) -> Exception:
    first = group.exceptions[0]
    return _first_of(first) if isinstance(first, ExceptionGroup) else first


async def hear(websocket: WebSocket, read: Callable[[str], Said]) -> Said | None:
    """Give the next message; None where the other end has left. Raises SocketProblem for a binary one."""
    try:
        return read(await websocket.receive_text())
    except WebSocketDisconnect:
        return None
    except KeyError as error:
        raise SocketProblem(NOT_TEXT, "Only text messages are understood") from error


async def say(websocket: WebSocket, message: dict[str, object]) -> None:
    """Send a message as JSON, in bounded time."""
    await bounded(websocket.send_text(json.dumps(message, separators=(",", ":"))))


async def bounded(sending: Awaitable[None]) -> None:
    """Send within SEND_MAX_S; raises SocketProblem where the link takes nothing, WebSocketDisconnect where it ended."""
    try:
        async with asyncio.timeout(SEND_MAX_S):
            await sending
    except TimeoutError as error:
        raise SocketProblem(TOO_SLOW, "The link takes no data", f"for {SEND_MAX_S:g} s") from error
    except RuntimeError as error:  # the server's word for a socket that the other end has closed meanwhile
        raise WebSocketDisconnect(ABNORMAL) from error
