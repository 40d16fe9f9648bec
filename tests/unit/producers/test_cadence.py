"""Deadlines are absolute, and a long stop is not made up for."""

from huizhen.producers.cadence import LATE_MAX_NS, Cadence

STEP_NS = 33_333_333


def test_small_delays_do_not_add_up() -> None:
    cadence = Cadence(1_000)
    for index in range(10_000):
        offset_ns = index * STEP_NS
        assert cadence.due_ns(offset_ns) == 1_000 + offset_ns
        cadence = cadence.after(offset_ns, cadence.due_ns(offset_ns) + 5_000_000)


def test_after_a_long_stop_the_pace_goes_on_from_there() -> None:
    late_ns = LATE_MAX_NS + 1
    moved = Cadence(0).after(STEP_NS, STEP_NS + late_ns)
    assert moved == Cadence(late_ns)
    assert moved.due_ns(2 * STEP_NS) - moved.due_ns(STEP_NS) == STEP_NS


def test_a_delay_at_the_limit_is_made_up_for() -> None:
    assert Cadence(0).after(STEP_NS, STEP_NS + LATE_MAX_NS) == Cadence(0)
