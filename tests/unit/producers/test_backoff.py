"""Pauses grow, and end growing."""

from huizhen.producers.backoff import pause_s


def test_pauses_double_up_to_the_longest() -> None:
    assert [pause_s(attempt) for attempt in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert pause_s(10**9) == 30
