"""Seats."""

from contextlib import ExitStack

from huizhen.api.seats import SEATS_PER_PERSON, Seats


def test_the_house_is_full_and_a_seat_that_is_left_is_free_again() -> None:
    seats = Seats(1)
    with seats.take() as first:
        with seats.take() as second:
            assert (first, second) == (True, False)
        with seats.take() as third:
            assert not third
    with seats.take() as again:
        assert again


def test_a_person_has_so_many_seats_and_others_have_their_own() -> None:
    seats = Seats(100)
    with ExitStack() as stack:
        taken = [stack.enter_context(seats.person("clinic", "ann")) for _ in range(SEATS_PER_PERSON + 1)]
        assert taken == [True] * SEATS_PER_PERSON + [False]
        assert stack.enter_context(seats.person("elsewhere", "ann"))
    with seats.person("clinic", "ann") as again:
        assert again
