"""Which tiles are declared unchanged, and when everything is sent."""

from huizhen.producers.references import Plan, References
from huizhen.schemas.packet import Unchanged
from tests.unit.producers.streams import MS, frame

ALL = tuple(range(9))


def sent(references: References, number: int, changed: tuple[int, ...] = ALL, at_ms: float | None = None) -> Plan:
    made = frame(number, changed, at_ms)
    plan = references.plan(made)
    references.settle(made, plan, ())
    return plan


def test_the_first_frame_is_a_key_frame() -> None:
    assert sent(References(1000 * MS), 0) == Plan(True, ALL, ())


def test_what_did_not_change_is_declared_against_the_frame_that_carried_it() -> None:
    references = References(1000 * MS)
    sent(references, 0, ())
    assert sent(references, 1, (4,)).tiles == (4,)
    plan = sent(references, 2, (7,))
    assert plan.tiles == (4, 7), "tile 4 went back to what it was, but the other end has its newer state"
    assert plan.unchanged[0] == Unchanged(0, 2, frame(0, ()).tile_digests[0])
    assert plan.depends_on(2) == {0}
    assert sent(references, 3, (7,)).depends_on(3) == {0, 2}


def test_a_key_frame_comes_once_an_interval() -> None:
    references = References(1000 * MS)
    keys = [number for number in range(100) if sent(references, number, (1,)).key]
    assert keys == [0, 31, 62, 93], "33 ms apart: the first frame at or after each second"


def test_a_tile_that_was_not_sent_whole_counts_as_changed() -> None:
    references = References(1000 * MS)
    first = frame(0, ())
    references.settle(first, references.plan(first), {3, 5})
    assert references.plan(frame(1, ())).tiles == (3, 5)


def test_a_gap_of_more_than_a_second_calls_for_a_key_frame() -> None:
    references = References(10_000 * MS)
    sent(references, 0, ())
    assert not sent(references, 1, (), at_ms=1000).key
    assert sent(references, 2, (), at_ms=2001).key


def test_a_key_frame_can_be_asked_for() -> None:
    references = References(1000 * MS)
    sent(references, 0, ())
    references.ask_key()
    assert sent(references, 1, ()) == Plan(True, ALL, ())
    assert not sent(references, 2, ()).key


def test_another_geometry_begins_with_a_key_frame() -> None:
    references = References(1000 * MS)
    sent(references, 0, ())
    assert references.plan(frame(1, (), geometry=1)).key
