"""What waits for one participant."""

from huizhen.api.room_outbox import GESTURE_S, NEWS_MAX, RoomOutbox

ANN, BOB = ("clinic", "ann"), ("hospital", "bob")


def test_news_come_in_order_and_at_once() -> None:
    box = RoomOutbox()
    for number in range(3):
        box.news({"type": "drawn", "n": number})
    assert box.due_s(0) == 0
    assert [one["n"] for one in box.take(0)] == [0, 1, 2]
    assert box.take(0) == []
    assert box.due_s(0) > 60


def test_of_pointers_and_views_only_the_newest_is_sent_and_not_too_often() -> None:
    box = RoomOutbox()
    for x in range(5):
        box.pointer(ANN, {"x": x})
        box.pointer(BOB, {"x": -x})
        box.view({"type": "view", "n": x})
    assert box.take(1.0) == [
        {"type": "view", "n": 4}, {"type": "pointers", "pointers": [{"x": 4}, {"x": -4}]},
    ]  # fmt: skip
    box.pointer(ANN, {"x": 9})
    assert box.take(1.0 + GESTURE_S / 2) == []
    assert 0 < box.due_s(1.0 + GESTURE_S / 2) <= GESTURE_S
    assert box.take(1.0 + 2 * GESTURE_S) == [{"type": "pointers", "pointers": [{"x": 9}]}]


def test_who_takes_nothing_is_overrun_and_not_a_leak() -> None:
    box = RoomOutbox()
    for number in range(NEWS_MAX):
        box.news({"n": number})
    assert not box.is_overrun
    for number in range(1_000):
        box.news({"n": number})
        box.pointer(ANN, {"x": number})
    assert box.is_overrun
    assert len(box.take(0)) == NEWS_MAX + 1
