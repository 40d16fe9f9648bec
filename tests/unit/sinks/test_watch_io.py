"""When the archive counts as stuck; the broker's answers are given."""

from collections.abc import Mapping

from huizhen.schemas.errors import Stuck
from huizhen.sinks.partitions import Place
from huizhen.sinks.watch_io import Standing, Watch

PLACE = ("huizhen.frames", 3)


class Given:
    """An archive that stands at 7 before a topic that ends at 9."""

    def __init__(self) -> None:
        self.standing = Standing({PLACE: 7}, busy=False)
        self.end: int | None = 9
        self.asked = 0
        self.left: list[BaseException] = []
        self.watch = Watch(5.0, lambda: self.standing, self.ends, self.left.append)

    def ends(self, places: Mapping[Place, int]) -> Mapping[Place, int] | None:
        self.asked += 1
        return None if self.end is None else dict.fromkeys(places, self.end)

    def looks(self, first: int, stop: int) -> list[str]:
        for second in range(first, stop):
            self.watch.look(float(second))
        return [str(error) for error in self.left]


def test_records_that_wait_unread_for_five_seconds_end_the_process() -> None:
    given = Given()
    assert given.looks(100, 105) == []
    assert given.looks(105, 106) == ["2 records wait, none was read for 5 s"]
    assert isinstance(given.left[0], Stuck)


def test_reading_and_work_that_is_bounded_by_itself_are_alive_and_ask_nothing_of_the_broker() -> None:
    given = Given()
    for second in range(100, 120):
        given.standing = Standing({PLACE: second}, busy=False)
        assert given.looks(second, second + 1) == []
    given.standing = Standing({PLACE: 7}, busy=True)
    assert given.looks(120, 140) == []
    assert given.asked == 0


def test_nothing_that_waits_or_no_answer_is_alive() -> None:
    for end in (7, None):
        given = Given()
        given.end = end
        assert given.looks(100, 120) == []
    given = Given()
    given.standing = Standing({}, busy=False)
    assert given.looks(100, 120) == [], "another worker reads them"
