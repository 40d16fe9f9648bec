"""Who is in a room."""

from huizhen.api.attendance import PEOPLE_MAX, SILENT_S, Attendance, Seat

ANN, BOB = Seat(("clinic", "ann"), "Ann", True), Seat(("hospital", "bob"))


def test_a_person_with_two_seats_is_one_person_until_both_are_empty() -> None:
    room = Attendance()
    assert [room.beat("1", ANN, 0), room.beat("2", ANN, 0), room.beat("3", BOB, 0)] == [True] * 3
    assert not room.beat("1", ANN, 1)
    assert room.people == [ANN, BOB]
    assert room.leave("1")
    assert not room.leave("1")
    assert room.has(ANN.person)
    room.leave("2")
    assert room.people == [BOB]


def test_a_seat_that_falls_silent_is_empty() -> None:
    room = Attendance()
    room.beat("1", ANN, 0)
    room.beat("3", BOB, 1)
    assert not room.sweep(SILENT_S - 0.1)
    assert room.sweep(SILENT_S)
    assert room.people == [BOB]


def test_a_full_room_still_takes_who_is_in_it() -> None:
    room = Attendance()
    for number in range(PEOPLE_MAX):
        assert not room.is_full_for(ANN.person)
        room.beat(str(number), Seat(("clinic", f"p-{number}")), 0)
    assert room.is_full_for(ANN.person)
    assert not room.is_full_for(("clinic", "p-3"))
