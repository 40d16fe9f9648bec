"""When a frame counts as delivered."""

from huizhen.producers.flights import Flights
from huizhen.schemas.ranges import Ranges


def send(
    flights: Flights, number: int, packets: int = 1, leans_on: frozenset[int] = frozenset(), *,
    whole: bool = True, key: bool = False,
) -> None:  # fmt: skip
    flights.begin(number, key, leans_on)
    for _ in range(packets):
        flights.handed(number)
    flights.finish(number, whole)


def test_a_frame_is_delivered_with_its_last_packet() -> None:
    flights = Flights()
    send(flights, 0, packets=2)
    flights.report(0, True)
    assert not flights.settled()
    flights.report(0, True)
    found = flights.settled()
    assert (found.delivered, found.late) == (Ranges([(0, 0)]), Ranges())
    assert len(flights) == 0


def test_reports_that_come_before_the_last_packet_is_handed_over_settle_nothing() -> None:
    flights = Flights()
    flights.begin(0, True, frozenset())
    flights.handed(0)
    flights.report(0, True)
    assert not flights.settled()
    flights.finish(0, whole=True)
    assert flights.settled().delivered == Ranges([(0, 0)])


def test_a_frame_with_details_given_up_is_late_though_all_it_sent_arrived() -> None:
    flights = Flights()
    send(flights, 0, whole=False)
    flights.report(0, True)
    assert flights.settled().late == Ranges([(0, 0)])


def test_who_leans_on_a_lost_packet_is_late_too() -> None:
    flights = Flights()
    send(flights, 0, key=True)
    send(flights, 1, leans_on=frozenset({0}))
    send(flights, 2, leans_on=frozenset({1}))
    send(flights, 3, key=True)
    for number, arrived in enumerate([False, True, True, True]):
        flights.report(number, arrived)
    found = flights.settled()
    assert found.late == Ranges([(0, 1)])
    assert found.delivered == Ranges([(2, 3)]), "2 leans on 1, whose own packets arrived"


def test_leaning_on_whole_tiles_of_a_frame_with_given_up_details_is_well() -> None:
    flights = Flights()
    send(flights, 0, whole=False, key=True)
    send(flights, 1, leans_on=frozenset({0}))
    flights.report(0, True)
    flights.report(1, True)
    assert flights.settled().delivered == Ranges([(1, 1)])


def test_a_key_frame_forgets_what_was_broken_before() -> None:
    flights = Flights()
    send(flights, 0, key=True)
    flights.report(0, False)
    send(flights, 1, key=True)
    flights.report(1, True)
    send(flights, 2, leans_on=frozenset({1}))
    flights.report(2, True)
    assert flights.settled().delivered == Ranges([(1, 2)])


def test_frames_settle_in_order() -> None:
    flights = Flights()
    send(flights, 0)
    send(flights, 1)
    flights.report(1, True)
    assert not flights.settled()
    flights.report(0, True)
    assert flights.settled().delivered == Ranges([(0, 1)])


def test_a_frame_that_left_before_it_was_begun_is_late() -> None:
    flights = Flights()
    flights.leave(4)
    assert flights.settled().late == Ranges([(4, 4)])
    assert not flights.settled()
