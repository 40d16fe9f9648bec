"""The newest, and nothing that builds on what was not sent."""

import asyncio

from huizhen.api.video_picture import Reading
from huizhen.api.video_shots import WAITING_MAX, Shot, ShotQueue
from tests.unit.api.video_frames import frame


def shot(number: int, key: bool = False) -> Shot:
    return Shot(frame(number), Reading(None), b"x", number, key)


async def taken(queue: ShotQueue) -> list[int]:
    found = []
    while queue.holds:
        found.append(int((await queue.take()).frame.order[0]))
    return found


async def test_a_viewer_begins_with_a_key_picture() -> None:
    queue = ShotQueue()
    for one in (shot(1), shot(2), shot(3, key=True), shot(4)):
        queue.offer(one)
    assert await taken(queue) == [3, 4]
    assert queue.dropped == 2


async def test_a_viewer_that_falls_behind_goes_on_with_the_next_key_picture() -> None:
    queue = ShotQueue()
    for number in range(WAITING_MAX + 3):
        queue.offer(shot(number, key=number == 0))
    assert queue.waits_for_key
    assert await taken(queue) == []
    queue.offer(shot(20, key=True))
    queue.offer(shot(21))
    assert await taken(queue) == [20, 21]
    assert queue.dropped == WAITING_MAX + 3


async def test_a_frame_that_comes_again_is_not_counted_as_lost() -> None:
    queue = ShotQueue()
    queue.offer(shot(5, key=True))
    await taken(queue)
    queue.waits_for_key = True
    queue.offer(shot(5))
    assert queue.dropped == 0


async def test_whoever_takes_waits_for_the_next() -> None:
    queue = ShotQueue()
    async with asyncio.TaskGroup() as group:
        taking = group.create_task(queue.take())
        await asyncio.sleep(0)
        queue.offer(shot(7, key=True))
    assert taking.result().frame.order[0] == 7
