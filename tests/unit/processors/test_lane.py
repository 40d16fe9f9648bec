import asyncio
import threading

from huizhen.processors.lane import LANE_BYTES_MAX, Lane
from huizhen.processors.mailbox import Mailbox


def no_leave(error: BaseException) -> None:
    raise AssertionError(error)


async def test_jobs_run_in_order_on_one_other_thread() -> None:
    lane = Lane(Mailbox(), no_leave)
    seen: list[tuple[int, int]] = []
    for number in range(50):
        await lane.submit(lambda number=number: seen.append((number, threading.get_ident())), 1)  # type: ignore[misc] # bound now
    await lane.drain()
    lane.close()
    assert [number for number, _ in seen] == list(range(50))
    assert {thread for _, thread in seen}.isdisjoint({threading.get_ident()})
    assert len({thread for _, thread in seen}) == 1


async def test_a_full_lane_makes_its_caller_wait_but_one_large_job_may_go_alone() -> None:
    lane = Lane(Mailbox(), no_leave)
    gate = threading.Event()
    await lane.submit(gate.wait, 2 * LANE_BYTES_MAX)
    waiting = asyncio.create_task(lane.submit(lambda: None, 1))
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.set()
    await asyncio.wait_for(waiting, 5.0)
    await lane.drain()
    lane.close()
    assert lane.jobs == 0


async def test_an_error_of_a_job_is_its_owners_to_leave_with() -> None:
    left: list[BaseException] = []
    lane = Lane(Mailbox(), left.append)

    def broken() -> None:
        raise ZeroDivisionError

    await lane.submit(broken, 1)
    await lane.drain()
    lane.close()
    assert [type(error) for error in left] == [ZeroDivisionError]
