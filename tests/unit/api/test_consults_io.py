"""A change is answered once it was read back."""

import asyncio
from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError

from huizhen.api import consults_io
from huizhen.api.consults_io import KafkaConsultLog
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.events import ConsultEvent
from huizhen.schemas.routing import Record

EVENT = ConsultEvent("c-1", "requested", 7, "ann", "clinic", "clinic", "exam-1", event_id="e-1")
Delivered = Callable[[KafkaError | None, object], None]


class FakePublisher:
    def __init__(self) -> None:
        self.sent: list[tuple[Record, Delivered]] = []

    def send(self, record: Record, delivered: Delivered) -> None:
        self.sent.append((record, delivered))


def log() -> tuple[KafkaConsultLog, FakePublisher]:
    publisher = FakePublisher()
    return KafkaConsultLog(publisher), publisher  # type: ignore[arg-type] # a fake


async def test_the_answer_waits_for_the_event_itself() -> None:
    made, publisher = log()
    waiting = asyncio.create_task(made.append(EVENT))
    await asyncio.sleep(0)
    assert publisher.sent[0][0].key == "clinic|c-1"
    publisher.sent[0][1](None, None)
    made.on_consult(ConsultEvent("c-1", "claimed", 7, "eve", "clinic", "clinic", "exam-1", event_id="another"))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    made.on_consult(EVENT)
    await waiting
    made.on_consult(EVENT)


async def test_a_change_that_does_not_come_back_is_said_to_be_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consults_io, "READ_BACK_S", 0.01)
    made, _ = log()
    with pytest.raises(Unavailable, match="may still come to stand"):
        await made.append(EVENT)


async def test_a_change_that_the_broker_refuses_is_said_at_once() -> None:
    made, publisher = log()
    waiting = asyncio.create_task(made.append(EVENT))
    await asyncio.sleep(0)
    publisher.sent[0][1](KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED), None)
    with pytest.raises(Unavailable):
        await waiting


async def test_pending_changes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consults_io, "PENDING_MAX", 0)
    made, publisher = log()
    with pytest.raises(Unavailable):
        await made.append(EVENT)
    assert publisher.sent == []
