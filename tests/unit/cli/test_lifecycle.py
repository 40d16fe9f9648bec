"""The life of a part, moment by moment."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huizhen.cli.lifecycle import GIVE_UP_AFTER, Do, Life, Patience, Phase, Seen, advance, is_hopeless

PATIENCE = Patience(start_s=10.0, ailing_s=5.0, first_wait_s=0.5, longest_wait_s=8.0, well_after_s=60.0)
READY = Seen(ready=True, running=False)
RUNS = Seen(ready=True, running=True)


def after(life: Life, seen: Seen, now_s: float) -> tuple[Life, Do]:
    return advance(life, seen, PATIENCE, now_s)


def started(at_s: float = 0.0) -> Life:
    life, do = after(Life(), READY, at_s)
    assert (life.phase, do) == (Phase.STARTING, Do.START)
    return life


def healthy(at_s: float = 1.0) -> Life:
    life, do = after(started(), replace(RUNS, answer=""), at_s)
    assert (life.phase, do) == (Phase.HEALTHY, Do.NOTHING)
    return life


def test_a_part_waits_for_what_it_needs() -> None:
    life, do = after(Life(), Seen(ready=False, running=False), 100.0)
    assert (life.phase, do) == (Phase.WAITING, Do.NOTHING)


def test_a_part_that_ends_is_started_again_after_a_doubling_wait() -> None:
    life, now_s, waits = started(), 0.0, []
    for _ in range(7):
        life, do = after(life, replace(READY, exit_code=1), now_s)
        assert (life.phase, do) == (Phase.BACKING_OFF, Do.NOTHING)
        waits.append(life.retry_at_s - now_s)
        assert after(life, READY, life.retry_at_s - 0.01) == (life, Do.NOTHING)
        now_s = life.retry_at_s
        life, do = after(life, READY, now_s)
        assert do is Do.START
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert life.restarts == 7


def test_a_part_that_was_well_for_long_starts_again_soon() -> None:
    life = replace(healthy(at_s=1.0), failures=6)
    life, _ = after(life, replace(READY, exit_code=-9), 61.0)
    assert life.failures == 1
    assert life.retry_at_s == 61.5
    assert life.reason == "ended with code -9"


def test_a_part_that_was_well_for_short_keeps_its_failures() -> None:
    life = replace(healthy(at_s=1.0), failures=2)
    life, _ = after(life, replace(READY, exit_code=1), 30.0)
    assert life.failures == 3


def test_a_part_that_never_answers_is_stopped_and_tried_again() -> None:
    life, do = after(started(), RUNS, 10.0)
    assert do is Do.NOTHING
    life, do = after(life, replace(RUNS, answer="connection refused"), 10.1)
    assert (life.phase, do, life.reason) == (Phase.BACKING_OFF, Do.STOP, "connection refused")


def test_a_part_that_goes_silent_gets_time_to_recover() -> None:
    life, do = after(healthy(), replace(RUNS, answer="timeout"), 20.0)
    assert (life.phase, do) == (Phase.AILING, Do.NOTHING)
    recovered, do = after(life, replace(RUNS, answer=""), 24.0)
    assert (recovered.phase, recovered.reason, do) == (Phase.HEALTHY, "", Do.NOTHING)
    life, do = after(life, replace(RUNS, answer="timeout"), 25.1)
    assert (life.phase, do) == (Phase.BACKING_OFF, Do.STOP)


def test_a_part_still_ending_is_not_started_a_second_time() -> None:
    life, _ = after(started(), RUNS, 10.1)
    assert after(life, RUNS, 1000.0)[1] is Do.NOTHING
    assert after(life, READY, 1000.0)[1] is Do.START


def test_a_part_waits_for_kafka_before_it_is_tried_again() -> None:
    life, _ = after(healthy(), replace(READY, exit_code=1), 2.0)
    assert after(life, Seen(ready=False, running=False), 100.0)[1] is Do.NOTHING
    assert after(life, READY, 100.0)[1] is Do.START


def test_a_part_that_brings_data_is_held_while_the_disk_is_low() -> None:
    life, do = after(healthy(), replace(RUNS, hold=True), 5.0)
    assert (life.phase, do) == (Phase.HELD, Do.STOP)
    assert after(life, replace(READY, hold=True), 6.0) == (life, Do.NOTHING)
    life, do = after(life, READY, 7.0)
    assert (life.phase, do) == (Phase.WAITING, Do.NOTHING)
    assert after(life, READY, 7.1)[1] is Do.START


def test_a_part_that_has_not_started_is_held_too() -> None:
    life, do = after(Life(), replace(READY, hold=True), 0.0)
    assert (life.phase, do) == (Phase.HELD, Do.NOTHING)


def test_a_finished_job_is_done_and_stays_done() -> None:
    life, do = after(started(), Seen(ready=True, running=False, exit_code=0, once=True), 3.0)
    assert (life.phase, do) == (Phase.DONE, Do.NOTHING)
    assert after(life, READY, 1000.0) == (life, Do.NOTHING)


def test_a_service_that_ends_without_error_is_started_again() -> None:
    life, _ = after(started(), replace(READY, exit_code=0), 3.0)
    assert life.phase is Phase.BACKING_OFF


def test_a_server_outside_is_watched_and_never_started_or_stopped() -> None:
    outside = Seen(ready=True, running=False, outside=True)
    life, do = after(Life(), outside, 0.0)
    assert (life.phase, do) == (Phase.STARTING, Do.NOTHING)
    life, do = after(life, replace(outside, answer="no route"), 1e6)
    assert (life.phase, life.reason, do) == (Phase.STARTING, "no route", Do.NOTHING)
    life, do = after(life, replace(outside, answer=""), 1e6)
    assert life.phase is Phase.HEALTHY
    life, do = after(life, replace(outside, answer="gone"), 1e6 + 1)
    life, do = after(life, outside, 2e6)
    assert (life.phase, do) == (Phase.AILING, Do.NOTHING)


@pytest.mark.parametrize(("failures", "wait_s"), [(-1, 0.5), (0, 0.5), (1, 0.5), (3, 2.0), (5, 8.0), (10_000, 8.0)])
def test_the_wait_doubles_within_its_bounds(failures: int, wait_s: float) -> None:
    assert PATIENCE.wait_s(failures) == wait_s


def test_a_server_that_never_served_is_hopeless_after_some_starts() -> None:
    life, now_s = started(), 0.0
    for failures in range(1, GIVE_UP_AFTER + 1):
        assert not is_hopeless(life)
        life, _ = after(life, replace(READY, exit_code=1), now_s)
        assert life.failures == failures
        now_s = life.retry_at_s
        if failures < GIVE_UP_AFTER:
            life, _ = after(life, READY, now_s)
    assert is_hopeless(life)


def test_a_server_that_served_once_is_never_hopeless() -> None:
    life, _ = after(healthy(), replace(READY, exit_code=1), 2.0)
    assert not is_hopeless(replace(life, failures=100))


SIGHTS = st.builds(
    Seen,
    ready=st.booleans(),
    running=st.booleans(),
    exit_code=st.none() | st.integers(-15, 2),
    answer=st.none() | st.sampled_from(["", "timeout"]),
    hold=st.booleans(),
)


@given(st.lists(st.tuples(SIGHTS, st.floats(0.05, 20.0)), max_size=60))
def test_whatever_is_seen_a_running_process_is_never_started_twice(sights: list[tuple[Seen, float]]) -> None:
    life, now_s, alive = Life(), 0.0, False
    for seen, step_s in sights:
        now_s += step_s
        died = alive and seen.exit_code is not None
        alive = alive and not died
        truth = replace(seen, running=alive, exit_code=seen.exit_code if died else None)
        before = life
        life, do = advance(life, truth, PATIENCE, now_s)
        if do is Do.START:
            assert not alive
            assert truth.ready
            assert not truth.hold
            alive = True
        elif do is Do.STOP:
            assert alive
            alive = False
        assert life.starts - before.starts == (1 if do is Do.START else 0)
