"""Ports are chosen free, different and with their gRPC partners."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huizhen.cli.ports import GRPC_OFFSET, HIGHEST, LOWEST, NoFreePort, choose, prefer


def counting(start: int) -> Callable[[int, int], int]:
    numbers = iter(range(start, HIGHEST))
    return lambda low, high: next(numbers)


@given(busy=st.sets(st.integers(LOWEST, LOWEST + 40)), count=st.integers(1, 8))
def test_chosen_ports_are_free_and_differ(busy: set[int], count: int) -> None:
    chosen = choose(count, lambda port: port not in busy, counting(LOWEST))
    everything = [*chosen, *(port + GRPC_OFFSET for port in chosen)]
    assert len(set(everything)) == 2 * count
    assert not busy & set(everything)


def test_a_port_with_a_busy_partner_is_passed_over() -> None:
    assert choose(1, lambda port: port != LOWEST + GRPC_OFFSET, counting(LOWEST)) == (LOWEST + 1,)


def test_taken_ports_are_passed_over() -> None:
    assert choose(1, lambda port: True, counting(LOWEST), frozenset({LOWEST})) == (LOWEST + 1,)


def test_a_full_machine_is_an_error_and_not_an_endless_search() -> None:
    with pytest.raises(NoFreePort, match="no 1 free ports"):
        choose(1, lambda port: False, lambda low, high: low)


def test_all_ports_lie_below_those_of_outgoing_connections() -> None:
    assert HIGHEST + GRPC_OFFSET < 32_768


def test_the_usual_port_is_taken_when_it_is_free() -> None:
    assert prefer(9092, lambda port: True, counting(LOWEST)) == 9092


def test_another_port_is_taken_when_the_usual_one_is_busy() -> None:
    assert prefer(9092, lambda port: port != 9092, counting(LOWEST)) == LOWEST
    assert prefer(8333, lambda port: port != 18333, counting(LOWEST)) == LOWEST
    assert prefer(9092, lambda port: True, counting(LOWEST), frozenset({9092})) == LOWEST
