"""The offset between two clocks that nobody can look at together."""

from hypothesis import given
from hypothesis import strategies as st

from huizhen.producers.clock import MS, ClockOffset, Exchange
from huizhen.producers.frame import Offset

START = 1_700_000_000_000 * MS


def exchange(at_ms: float, there_ms: float, back_ms: float, offset_ms: float) -> Exchange:
    sent = START + int(at_ms * MS)
    stamped = sent + int((there_ms + offset_ms) * MS)
    return Exchange(sent, sent + int((there_ms + back_ms) * MS), stamped // MS)


def test_nothing_measured_says_nothing() -> None:
    assert ClockOffset().estimate(START) == Offset(0, 0)


def test_one_machine_has_no_offset_and_a_known_uncertainty() -> None:
    clock = ClockOffset()
    for at in range(10):
        clock.add(exchange(at * 1000.3, 1.5, 1.2, 0))
    found = clock.estimate(START + 10_000 * MS)
    assert found.offset_ns == 0
    assert 1 * MS <= found.uncertainty_ns <= 4 * MS


@given(
    st.floats(-600_000, 600_000),
    st.lists(st.tuples(st.floats(0.1, 200), st.floats(0.1, 200)), min_size=1, max_size=60),
)
def test_the_true_offset_always_lies_in_the_interval(offset_ms: float, trips: list[tuple[float, float]]) -> None:
    clock = ClockOffset()
    for at, (there, back) in enumerate(trips):
        clock.add(exchange(at * 1000, there, back, offset_ms))
    found = clock.estimate(START + len(trips) * 1000 * MS)
    assert abs(found.offset_ns - offset_ms * MS) <= found.uncertainty_ns + 1


def test_quick_exchanges_sharpen_slow_ones() -> None:
    clock = ClockOffset()
    clock.add(exchange(0, 1, 1, 5000))
    clock.add(exchange(1000, 150, 150, 5000))
    found = clock.estimate(START + 1400 * MS)
    assert abs(found.offset_ns - 5000 * MS) <= 2 * MS
    assert found.uncertainty_ns <= 3 * MS


def test_a_clock_that_was_set_is_measured_anew() -> None:
    clock = ClockOffset()
    clock.add(exchange(0, 1, 1, 0))
    clock.add(exchange(1000, 1, 1, 60_000))
    assert abs(clock.estimate(START + 1001 * MS).offset_ns - 60_000 * MS) <= 2 * MS


def test_an_exchange_that_ended_before_it_began_is_passed_over() -> None:
    clock = ClockOffset()
    clock.add(Exchange(START, START - 1, START // MS))
    assert clock.estimate(START) == Offset(0, 0)


def test_an_old_measurement_grows_uncertain() -> None:
    clock = ClockOffset()
    clock.add(exchange(0, 1, 1, 0))
    later = clock.estimate(START + 600_000 * MS).uncertainty_ns
    assert later >= 60 * MS
