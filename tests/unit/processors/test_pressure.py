"""Whether a partition is behind, from offsets alone."""

from huizhen.processors.pressure import BEHIND_S, STREAMS_MAX, Pressure, Told
from huizhen.schemas.ids import SessionId, SourceId, StationId, StreamId, TenantId

PLACE = "huizhen.clinic.packets", 0
STREAM = StreamId(TenantId("clinic"), SessionId("s"), SourceId("probe"))
STATION = StationId("or-1")


def fed(backlogs: list[int], every_s: float = 0.1, arriving: int = 3) -> list[Told]:
    """Take a record each `every_s` seconds while so many wait behind it and `arriving` more came since."""
    pressure, told = Pressure(), []
    for turn, backlog in enumerate(backlogs):
        end = 1000 + arriving * turn
        pressure.saw(PLACE, STREAM, STATION)
        found = pressure.took(PLACE, end - 1 - backlog, end, turn * every_s)
        told += [found] if found is not None else []
    return told


def test_a_queue_that_stands_is_told_twice_a_second_in_seconds() -> None:
    told = fed([30] * 21)
    assert [round(one.behind_s, 6) for one in told] == [1.0] * 4, "30 records at 30 a second"
    assert {one.streams for one in told} == {((STREAM, STATION),)}


def test_a_queue_that_empties_now_and_then_is_jitter() -> None:
    assert fed([60, 60, 60, 0, 60] * 6) == []


def test_a_short_standing_queue_is_passed_over() -> None:
    assert fed([int(BEHIND_S * 30) - 1] * 21) == []


def test_a_queue_that_nobody_adds_to_drains() -> None:
    assert fed([300 - 10 * turn for turn in range(21)], arriving=0) == []


def test_an_end_that_is_not_known_says_nothing() -> None:
    pressure = Pressure()
    for turn in range(20):
        pressure.saw(PLACE, STREAM, STATION)
        assert pressure.took(PLACE, turn, 1 << 63, turn * 0.1) is None


def test_stations_that_sent_nothing_live_are_not_told() -> None:
    pressure = Pressure()
    assert [pressure.took(PLACE, 3 * turn, 3 * turn + 40, turn * 0.1) for turn in range(20)] == [None] * 20


def test_a_forgotten_partition_begins_anew() -> None:
    pressure = Pressure()
    pressure.took(PLACE, 0, 1000, 0.0)
    pressure.forget(PLACE)
    pressure.saw(PLACE, STREAM, STATION)
    assert pressure.took(PLACE, 1, 1100, 5.0) is None


def test_the_streams_of_a_window_are_bounded() -> None:
    pressure = Pressure()
    pressure.took(PLACE, 0, 1000, 0.0)
    for number in range(STREAMS_MAX + 5):
        pressure.saw(PLACE, StreamId(TenantId("clinic"), SessionId(f"s{number}"), SourceId("probe")), STATION)
    told = pressure.took(PLACE, 1, 1500, 0.5)
    assert told is not None
    assert len(told.streams) == STREAMS_MAX
