import threading
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError

from huizhen.processors import outbox as module
from huizhen.processors.outbox import Outbox
from huizhen.schemas.errors import Bug, Unavailable
from huizhen.schemas.kafka_io import Delivered
from huizhen.schemas.routing import Record
from tests.services.waiting import wait_for

A, B, C = (Record("topic", "key", name, []) for name in (b"a", b"b", b"c"))


class FakeSender:
    """Keeps what it was given and delivers when told; may be full for some calls."""

    def __init__(self, full: int = 0) -> None:
        self.full = full
        self.sent: list[tuple[Record, Delivered]] = []

    def send(self, record: Record, delivered: Delivered | None = None) -> None:
        if self.full:
            self.full -= 1
            raise Unavailable("the queue", 0.001)
        assert delivered is not None
        self.sent.append((record, delivered))

    def answer(self, place: int, error: Any = None) -> None:
        self.sent[place][1](error, None)


def outbox(sender: FakeSender, leave: Callable[[BaseException], None] | None = None) -> Outbox:
    def no_leave(error: BaseException) -> None:
        raise AssertionError(error)

    return Outbox(sender, leave or no_leave)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.01)


def test_a_bundle_is_done_when_all_of_it_is_delivered() -> None:
    sender, done = FakeSender(), []
    box = outbox(sender)
    box.send([A, B], lambda: done.append("ab"))
    sender.answer(1)
    assert done == []
    sender.answer(0)
    assert done == ["ab"]
    assert not box.is_waiting


def test_a_full_queue_is_waited_for_and_nothing_is_dropped() -> None:
    sender = FakeSender(full=3)
    box = outbox(sender)
    box.send([A, B], lambda: None)
    assert [record for record, _ in sender.sent] == [A, B]


def test_a_failed_delivery_is_sent_again_before_anything_new() -> None:
    sender, done = FakeSender(), []
    box = outbox(sender)
    box.send([A], lambda: done.append("a"))
    sender.answer(0, KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    assert box.is_waiting
    thread = threading.Thread(target=box.send, args=([B], lambda: done.append("b")))
    thread.start()
    wait_for(lambda: len(sender.sent) == 2, 60, "the failed record is sent again")
    assert sender.sent[1][0] == A
    sender.answer(1, KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    wait_for(lambda: len(sender.sent) == 3, 60, "and again")
    sender.answer(2)
    thread.join(5.0)
    assert [record for record, _ in sender.sent] == [A, A, A, B]
    sender.answer(3)
    assert done == ["a", "b"]
    assert not box.is_waiting


def test_the_last_record_that_failed_is_sent_again_on_request() -> None:
    sender, done = FakeSender(), []
    box = outbox(sender)
    box.send([A], lambda: done.append("a"))
    sender.answer(0, KafkaError(KafkaError._MSG_TIMED_OUT))
    box.retry()
    sender.answer(1)
    assert done == ["a"]


def test_a_fatal_error_of_the_producer_is_to_leave_with() -> None:
    left: list[BaseException] = []
    sender = FakeSender()
    box = outbox(sender, left.append)
    box.send([A], lambda: None)
    sender.answer(0, KafkaError(KafkaError._FATAL, "fenced", fatal=True))
    assert [type(error) for error in left] == [Bug]


def test_a_delivery_that_the_client_holds_is_declared_waiting_whatever_else_arrives() -> None:
    now_s = 100.0
    sender, other = FakeSender(), Record("other", "key", b"o", [])

    def no_leave(error: BaseException) -> None:
        raise AssertionError(error)

    box = Outbox(sender, no_leave, lambda: now_s)
    box.send([A], lambda: None)
    assert not box.is_waiting
    now_s += module.LATE_S + 0.1
    box.send([other], lambda: None)
    sender.answer(1)
    assert (box.is_waiting, box.waits_for) == (True, "topic")
    sender.answer(0)
    assert (box.is_waiting, box.waits_for) == (False, "")


def test_stopping_ends_all_waiting() -> None:
    sender = FakeSender(full=10**9)
    box = outbox(sender)
    thread = threading.Thread(target=box.send, args=([A], lambda: None))
    thread.start()
    box.stop()
    thread.join(5.0)
    assert not thread.is_alive()
    assert sender.sent == []
