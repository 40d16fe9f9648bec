import asyncio
import threading

from huizhen.processors.mailbox import Mailbox


async def test_calls_of_other_threads_run_on_the_loop_in_order() -> None:
    mailbox = Mailbox()
    seen: list[tuple[int, int]] = []
    done = asyncio.Event()

    def post() -> None:
        for number in range(100):
            mailbox.post(lambda number=number: seen.append((number, threading.get_ident())))  # type: ignore[misc] # bound now
        mailbox.post(done.set)

    thread = threading.Thread(target=post)
    thread.start()
    await asyncio.wait_for(done.wait(), 5.0)
    thread.join()
    assert [number for number, _ in seen] == list(range(100))
    assert {ident for _, ident in seen} == {threading.get_ident()}


async def test_many_calls_share_a_wake_up_and_what_follows() -> None:
    mailbox = Mailbox()
    seen: list[str] = []
    mailbox.after = lambda: seen.append("after")
    for name in "abc":
        mailbox.post(lambda name=name: seen.append(name))  # type: ignore[misc] # bound now
    await asyncio.sleep(0)
    assert seen == ["a", "b", "c", "after"]


async def test_a_call_posted_by_a_call_is_not_forgotten() -> None:
    mailbox = Mailbox()
    seen: list[str] = []
    mailbox.post(lambda: mailbox.post(lambda: seen.append("second")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert seen == ["second"]


def test_an_ended_loop_takes_no_calls() -> None:
    async def make() -> Mailbox:
        return Mailbox()

    ran: list[bool] = []
    asyncio.run(make()).post(lambda: ran.append(True))
    assert ran == []
