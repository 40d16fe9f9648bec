"""The clock sleeps until a deadline, or until it is closed."""

import threading
import time

from huizhen.producers.clock_io import SystemClock

LONG_NS = 60_000_000_000


def test_both_clocks_are_read_together() -> None:
    before = time.time_ns(), time.monotonic_ns()
    now = SystemClock().now()
    assert before[0] <= now.utc_ns <= time.time_ns()
    assert before[1] <= now.monotonic_ns <= time.monotonic_ns()


def test_it_sleeps_until_the_deadline() -> None:
    clock = SystemClock()
    due_ns = clock.now().monotonic_ns + 5_000_000
    assert clock.wait_until(due_ns)
    assert clock.now().monotonic_ns >= due_ns
    assert clock.wait_until(due_ns - 10**9)  # long past: at once


def test_closing_wakes_the_sleeper_and_nobody_sleeps_again() -> None:
    clock = SystemClock()
    woken: list[bool] = []
    sleeper = threading.Thread(target=lambda: woken.append(clock.wait_until(clock.now().monotonic_ns + LONG_NS)))
    sleeper.start()
    clock.close()
    sleeper.join(10)
    assert woken == [False]
    assert clock.is_closed
    assert not clock.wait_until(clock.now().monotonic_ns + LONG_NS)
    assert not clock.wait_until(0)
