"""Rings of newest events."""

import asyncio

from huizhen.api.ring import Entry, Ring, Rings


def ring(count: int, size: int = 5) -> Ring:
    made = Ring(size)
    for number in range(count):
        made.append(Entry(f"t/0/{number}", "verdict", number))
    return made


def test_a_reader_goes_on_behind_the_event_it_names() -> None:
    made = ring(4)
    cursor = made.after("t/0/1")
    assert cursor is not None
    assert [entry.data for entry in made.since(cursor) or ()] == [2, 3]
    assert made.since(made.end) == []


def test_who_was_away_too_long_is_told_so() -> None:
    made = ring(12)
    assert made.after("t/0/6") is None
    assert made.since(6) is None
    assert [entry.data for entry in made.since(7) or ()] == [7, 8, 9, 10, 11]


def test_an_id_that_was_never_here_is_told_so() -> None:
    assert ring(3).after("t/1/1") is None
    assert Ring(5).after("") is None


async def test_a_waiting_reader_is_woken() -> None:
    made = ring(0)
    waiting = asyncio.create_task(made.changed(5.0))
    await asyncio.sleep(0)
    made.append(Entry("t/0/0", "verdict", 0))
    assert await waiting
    assert not await made.changed(0.001)


def test_nothing_is_kept_for_sessions_nobody_follows() -> None:
    rings = Rings(2, 5)
    rings.append(("clinic", "exam-1"), Entry("t/0/0", "verdict", 0))
    assert rings.follow(("clinic", "exam-1")).end == 0
    rings.append(("clinic", "exam-1"), Entry("t/0/1", "verdict", 1))
    assert rings.follow(("clinic", "exam-1")).end == 1


async def test_the_longest_unused_ring_goes_and_its_readers_are_woken() -> None:
    rings = Rings(2, 5)
    first = rings.follow(("clinic", "exam-1"))
    waiting = asyncio.create_task(first.changed(5.0))
    await asyncio.sleep(0)
    rings.follow(("clinic", "exam-2"))
    rings.follow(("clinic", "exam-3"))
    assert await waiting
    assert rings.follow(("clinic", "exam-1")) is not first
