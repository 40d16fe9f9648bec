import asyncio

import pytest
from starlette.websockets import WebSocketDisconnect

from huizhen.api.live_messages import SocketProblem
from huizhen.api.socket_io import both
from huizhen.schemas.errors import Unavailable


async def ending(error: Exception | None = None) -> None:
    await asyncio.sleep(0)
    if error is not None:
        raise error


async def lasting() -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize("error", [SocketProblem(1000, "The end"), Unavailable("Kafka"), KeyError("a bug")])
async def test_what_either_side_raises_comes_bare_and_the_other_side_ends(error: Exception) -> None:
    with pytest.raises(type(error)) as found:
        await both(ending(error), lasting())
    assert found.value is error
    with pytest.raises(type(error)) as found:
        await both(lasting(), ending(error))
    assert found.value is error


async def test_whoever_has_left_is_no_error() -> None:
    await both(ending(WebSocketDisconnect(1001)), lasting())
    await both(lasting(), ending(WebSocketDisconnect(1001)))
    await both(ending(), lasting())


async def test_a_bug_goes_before_what_the_other_side_says_meanwhile() -> None:
    async def stubborn() -> None:
        try:
            await lasting()
        except asyncio.CancelledError:
            raise KeyError("a bug") from None

    with pytest.raises(KeyError, match="a bug"):
        await both(ending(SocketProblem(1000, "The end")), stubborn())
