"""From a thread to the loop."""

import asyncio
import threading

import pytest

from huizhen.api.inbox import Inbox


def put_all(inbox: Inbox[int], count: int) -> None:
    for number in range(count):
        inbox.put(number)


async def test_everything_arrives_in_order_on_the_loop() -> None:
    found: list[int] = []
    threads: set[int] = set()

    def take(item: int) -> None:
        found.append(item)
        threads.add(threading.get_ident())

    inbox = Inbox(asyncio.get_running_loop(), take, 100)
    await asyncio.to_thread(put_all, inbox, 2_000)
    await inbox.drained()
    assert found == list(range(2_000))
    assert threads == {threading.get_ident()}


async def test_a_full_inbox_makes_its_thread_wait() -> None:
    found: list[int] = []
    inbox = Inbox(asyncio.get_running_loop(), found.append, 3)
    fourth_is_in = threading.Event()

    def put() -> None:
        for number in range(4):
            inbox.put(number)
        fourth_is_in.set()

    thread = threading.Thread(target=put)
    thread.start()
    assert not fourth_is_in.wait(0.05)  # the loop does not run meanwhile
    await asyncio.to_thread(thread.join, 5)
    await inbox.drained()
    assert found == [0, 1, 2, 3]


async def test_closing_lets_a_waiting_thread_go() -> None:
    inbox: Inbox[int] = Inbox(asyncio.get_running_loop(), lambda item: None, 1)
    thread = threading.Thread(target=put_all, args=(inbox, 100))
    thread.start()
    inbox.close()
    thread.join(5)
    assert not thread.is_alive()


async def test_what_goes_wrong_comes_out_and_nothing_more_is_taken() -> None:
    found: list[int] = []

    def take(item: int) -> None:
        if item == 2:
            raise ValueError("a bug")
        found.append(item)

    inbox = Inbox(asyncio.get_running_loop(), take, 10)
    await asyncio.to_thread(put_all, inbox, 5)
    with pytest.raises(ValueError, match="a bug"):
        await inbox.failed()
    assert found == [0, 1]


async def test_a_reader_that_cannot_go_on_is_heard() -> None:
    inbox: Inbox[int] = Inbox(asyncio.get_running_loop(), lambda item: None, 10)
    await asyncio.to_thread(inbox.fail, OSError("gone"))
    with pytest.raises(OSError, match="gone"):
        await inbox.failed()
