"""One coding for all who watch: the newest frame, a key picture for whoever comes, nothing twice for nothing."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import av
import pytest
from prometheus_client import CollectorRegistry

from huizhen.api.live_frame import LiveFrame
from huizhen.api.metrics import Metrics
from huizhen.api.video_broadcast import KEY_EVERY_S, Broadcast
from huizhen.api.video_picture import Reading
from huizhen.api.video_shots import Shot, ShotQueue
from tests.services.fake_station import ultrasound
from tests.unit.api.video_frames import frame

WAIT_S = 30.0


class Bench:
    """A broadcast with a clock that stands still."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.metrics = Metrics(CollectorRegistry())
        self.shown = True
        self.pool = ThreadPoolExecutor(1)
        self.broadcast = Broadcast(self.read, self.pool, 2000, lambda: self.now_ns, self.metrics)

    def read(self, frame: LiveFrame) -> Reading | None:
        return Reading(None) if self.shown else None

    def pass_s(self, seconds: float) -> None:
        self.now_ns += int(seconds * 1e9)

    def value(self, name: str) -> float:
        metric = getattr(self.metrics, name)
        return float(metric._value.get())


@asynccontextmanager
async def running() -> AsyncIterator[Bench]:
    bench = Bench()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(bench.broadcast.run())
        yield bench
        task.cancel()
    bench.pool.shutdown()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.005)


async def take(queue: ShotQueue) -> Shot:
    async with asyncio.timeout(WAIT_S):
        return await queue.take()


async def test_a_frame_is_coded_once_and_the_same_bytes_go_to_everybody() -> None:
    queues = [ShotQueue() for _ in range(3)]
    async with running() as bench:
        with bench.broadcast.handing(queues[0]), bench.broadcast.handing(queues[1]), bench.broadcast.handing(queues[2]):
            bench.broadcast.offer(frame(3))
            shots = [await take(queue) for queue in queues]
    assert shots[0] is shots[1] is shots[2]
    assert shots[0].key
    (shown,) = av.CodecContext.create("h264", "r").decode(av.Packet(shots[0].data))
    assert abs(shown.to_ndarray(format="rgb24").astype(int) - ultrasound()[3]).mean() < 3
    assert bench.value("video_frames_coded") == 1


async def test_frames_that_come_faster_than_they_are_coded_are_passed_over_and_counted() -> None:
    queue = ShotQueue()
    async with running() as bench:
        with bench.broadcast.handing(queue):
            for number in range(5):
                bench.broadcast.offer(frame(number))
            assert (await take(queue)).frame.order == (4, 0)
    assert bench.value("video_frames_passed_over") == 4


async def test_an_older_frame_is_never_coded_after_a_newer_one() -> None:
    queue = ShotQueue()
    async with running() as bench:
        with bench.broadcast.handing(queue):
            bench.broadcast.offer(frame(5))
            await take(queue)
            bench.broadcast.offer(frame(4))
            bench.broadcast.offer(frame(5))
            bench.broadcast.offer(frame(6))
            bench.pass_s(0.03)
            shot = await take(queue)
    assert (shot.frame.order, shot.key) == ((6, 0), False)


async def test_a_newcomer_gets_the_newest_picture_at_once_though_no_frame_comes() -> None:
    first, second = ShotQueue(), ShotQueue()
    async with running() as bench:
        with bench.broadcast.handing(first):
            bench.broadcast.offer(frame(5))
            await take(first)
            with bench.broadcast.handing(second):
                shot = await take(second)
    assert (shot.frame.order, shot.key) == ((5, 0), True)


async def test_a_still_picture_is_sent_again_as_a_key_picture_each_second() -> None:
    queue = ShotQueue()
    async with running() as bench:
        with bench.broadcast.handing(queue):
            bench.broadcast.offer(frame(5))
            times = [(await take(queue)).at]
            for _ in range(2):
                bench.pass_s(KEY_EVERY_S + 0.01)
                again = await take(queue)
                assert (again.frame.order, again.key) == ((5, 0), True)
                times.append(again.at)
    assert times == sorted(set(times))


async def test_a_key_picture_comes_at_least_once_a_second() -> None:
    queue, keys = ShotQueue(), []
    async with running() as bench:
        with bench.broadcast.handing(queue):
            for number in range(24):
                bench.broadcast.offer(frame(number))
                shot = await take(queue)
                keys += [number] if shot.key else []
                bench.pass_s(0.1)
    assert len(keys) >= 3
    assert all(later - earlier <= 10 for earlier, later in itertools.pairwise(keys))


async def test_what_may_not_be_shown_yet_is_not_and_what_cannot_be_is_counted() -> None:
    queue = ShotQueue()
    async with running() as bench:
        with bench.broadcast.handing(queue):
            bench.shown = False
            bench.broadcast.offer(frame(1))
            broken = frame(2)
            broken.codestream = broken.codestream[:4000] + b"\xff\xd9"
            await asyncio.sleep(0)
            bench.shown = True
            bench.broadcast.offer(broken)
            await until(lambda: bench.value("frames_bad") > 0)
            bench.broadcast.offer(frame(3))
            assert (await take(queue)).frame.order == (3, 0)


async def test_a_change_of_size_begins_a_new_coding() -> None:
    queue = ShotQueue()
    async with running() as bench:
        with bench.broadcast.handing(queue):
            bench.broadcast.offer(frame(1))
            await take(queue)
            small = frame(2)
            bench.broadcast._encoder = None  # as after another size
            bench.broadcast.offer(small)
            bench.pass_s(0.03)
            assert (await take(queue)).key


@pytest.mark.parametrize("waits", [True, False])
async def test_whoever_lost_shots_gets_a_key_picture(waits: bool) -> None:
    queue = ShotQueue()
    async with running() as bench:
        with bench.broadcast.handing(queue):
            bench.broadcast.offer(frame(1))
            await take(queue)
            queue.waits_for_key = waits
            bench.pass_s(0.03)
            bench.broadcast.offer(frame(2))
            assert (await take(queue)).key is waits
