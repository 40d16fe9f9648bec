"""The loop's pulse."""

import asyncio

from huizhen.api.pulse import Pulse


async def test_a_loop_that_moves_is_well_and_one_that_does_not_is_told() -> None:
    now_s = 100.0
    pulse = Pulse(lambda: now_s)
    now_s = 104.0
    assert pulse.check() == {"api": "ok"}
    now_s = 109.0
    assert pulse.check() == {"api": "the event loop has not moved for 9 s"}
    task = asyncio.ensure_future(pulse.run())
    await asyncio.sleep(0)
    assert pulse.check() == {"api": "ok"}
    task.cancel()
