"""Events reach Kafka, however often it takes."""

import time

from huizhen.producers.events_io import EventSender
from huizhen.schemas.events import Progress
from huizhen.schemas.routing import read_event
from tests.unit.producers.fakes import FakePublisher

PROGRESS = Progress("clinic", "exam-1", "probe", 0, 1, 5, "00")


def make() -> tuple[EventSender, FakePublisher]:
    publisher = FakePublisher()
    return EventSender(publisher), publisher


def test_an_event_is_confirmed_once() -> None:
    events, publisher = make()
    confirmed: list[str] = []
    events.send(PROGRESS, lambda: confirmed.append("yes"))
    (handed,) = publisher.take()
    assert (handed.topic, handed.key) == ("huizhen.clinic.sessions", "exam-1|progress|probe")
    assert read_event([*handed.headers], handed.value) == PROGRESS
    assert (events.waiting, confirmed) == (1, [])
    handed.arrive()
    events.tick()
    assert (events.waiting, confirmed, publisher.take()) == (0, ["yes"], [])


def test_an_event_that_failed_is_sent_again() -> None:
    events, publisher = make()
    confirmed: list[str] = []
    events.send(PROGRESS, lambda: confirmed.append("yes"))
    publisher.take()[0].fail()
    events.tick()
    publisher.take()[0].arrive()
    assert confirmed == ["yes"]


def test_an_event_that_a_newer_one_outdates_is_not_sent_again() -> None:
    events, publisher = make()
    events.send(PROGRESS, again=False)
    publisher.take()[0].fail()
    events.tick()
    assert (publisher.take(), events.waiting) == ([], 0)


def test_a_full_queue_is_a_failure_like_others() -> None:
    events, publisher = make()
    publisher.is_full = True
    events.send(PROGRESS)
    assert publisher.take() == []
    publisher.is_full = False
    events.tick()
    assert len(publisher.take()) == 1


def test_the_brokers_stamps_tell_the_clock_offset() -> None:
    events, publisher = make()
    for _ in range(3):
        events.send(PROGRESS)
        publisher.take()[0].arrive(time.time_ns() // 1_000_000 + 60_000)
    found = events.offset()
    assert abs(found.offset_ns - 60 * 10**9) <= found.uncertainty_ns
    assert found.uncertainty_ns > 0


def test_a_topic_without_stamps_tells_nothing() -> None:
    events, publisher = make()
    events.send(PROGRESS)
    handed = publisher.take()[0]
    handed.delivered(None, type("Message", (), {"timestamp": lambda self: (1, 5)})())  # type: ignore[misc]
    assert events.offset().uncertainty_ns == 0
