"""What one viewer is sent: newest wins, never back in time."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from huizhen.api.live import SILENT_S, ViewerQueue
from huizhen.api.live_frame import LiveFrame, live_frame
from tests.services.fake_station import FakeStation

STATION = FakeStation("clinic")


def frame(number: int, revision: int = 0, exact: bool = True) -> LiveFrame:
    return live_frame(*STATION.frame(number, revision, exact, at_ns=1))


def taken(queue: ViewerQueue, now_s: float = 0.0) -> list[tuple[int, int]]:
    found = []
    while (one := queue.take(now_s)) is not None:
        found.append(one.order)
    return found


def test_the_oldest_waiting_frame_is_dropped_and_counted() -> None:
    queue = ViewerQueue(2, 8)
    for number in range(5):
        queue.offer(frame(number))
    assert (taken(queue), queue.dropped) == ([(3, 0), (4, 0)], 3)


def test_no_more_than_the_window_is_with_the_viewer() -> None:
    queue = ViewerQueue(2, 2)
    for number in range(3):
        queue.offer(frame(number))
        taken(queue)
    assert taken(queue) == []
    assert queue.painted(0, 0)
    assert taken(queue) == [(2, 0)]


def test_painted_stands_for_all_before_it_and_only_for_what_was_sent() -> None:
    queue = ViewerQueue(2, 2)
    for number in range(2):
        queue.offer(frame(number))
    assert taken(queue) == [(0, 0), (1, 0)]
    assert not queue.painted(7, 0)
    assert queue.painted(1, 0)
    assert not queue.painted(1, 0)
    for number in (2, 3):
        queue.offer(frame(number))
    assert taken(queue) == [(2, 0), (3, 0)]


def test_an_older_frame_is_never_sent_after_a_newer_one() -> None:
    queue = ViewerQueue(2, 8)
    queue.offer(frame(5))
    assert taken(queue) == [(5, 0)]
    queue.offer(frame(4))
    queue.offer(frame(4, 1))
    assert (taken(queue), queue.dropped) == ([], 0)


def test_an_exact_revision_of_the_frame_on_the_screen_is_sent() -> None:
    queue = ViewerQueue(2, 8)
    queue.offer(frame(5, 0, exact=False))
    assert taken(queue) == [(5, 0)]
    queue.offer(frame(5, 1, exact=False))
    assert taken(queue) == []
    queue.offer(frame(5, 2))
    assert taken(queue) == [(5, 2)]


def test_a_revision_of_a_frame_behind_the_newest_is_not_sent() -> None:
    queue = ViewerQueue(2, 8)
    queue.offer(frame(5, 0, exact=False))
    taken(queue)
    queue.offer(frame(6))
    queue.offer(frame(5, 1))
    assert taken(queue) == [(6, 0)]


def test_a_revision_takes_the_place_of_its_waiting_frame_without_a_loss() -> None:
    queue = ViewerQueue(2, 8)
    queue.offer(frame(5, 0, exact=False))
    queue.offer(frame(5, 1))
    assert (taken(queue), queue.dropped) == ([(5, 1)], 0)


def test_a_hidden_page_that_paints_nothing_is_sent_a_frame_now_and_then() -> None:
    queue = ViewerQueue(2, 1)
    queue.offer(frame(0))
    assert taken(queue, 0.0) == [(0, 0)]
    queue.offer(frame(1))
    assert taken(queue, SILENT_S - 0.01) == []
    assert taken(queue, SILENT_S) == [(1, 0)]


def test_a_finer_picture_of_the_frame_on_the_screen_is_sent_again() -> None:
    queue = ViewerQueue(2, 8)
    queue.offer(frame(3))
    taken(queue)
    queue.refine(frame(3))
    assert taken(queue) == [(3, 0)]
    queue.refine(frame(2))
    assert taken(queue) == []


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), st.integers(0, 8), st.integers(0, 3), st.booleans()),
        st.tuples(st.just("take"), st.integers(0, 0), st.integers(0, 0), st.booleans()),
        st.tuples(st.just("painted"), st.integers(0, 8), st.integers(0, 3), st.booleans()),
    ),
    max_size=60,
)
FRAMES = {(n, r, e): frame(n, r, e) for n in range(9) for r in range(4) for e in (False, True)}


@given(STEPS, st.integers(1, 3), st.integers(1, 3))
def test_whatever_comes_a_viewer_goes_only_forward(
    steps: list[tuple[str, int, int, bool]], waiting_max: int, window: int
) -> None:
    queue, shown, unpainted = ViewerQueue(waiting_max, window), list[LiveFrame](), list[tuple[int, int]]()
    for kind, number, revision, exact in steps:
        if kind == "offer":
            queue.offer(FRAMES[number, revision, exact])
        elif kind == "painted":
            known = (number, revision) in unpainted
            assert queue.painted(number, revision) == known
            unpainted = [order for order in unpainted if not known or order > (number, revision)]
        elif (one := queue.take(0.0)) is not None:
            shown.append(one)
            unpainted.append(one.order)
            assert len(unpainted) <= window
    orders = [one.order for one in shown]
    assert orders == sorted(set(orders))
    for before, after in itertools.pairwise(shown):
        assert after.order[0] > before.order[0] or after.meta.exact
