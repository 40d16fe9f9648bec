"""Audit events on their way to Kafka."""

from collections.abc import Callable

import pytest
from confluent_kafka import KafkaError
from prometheus_client import CollectorRegistry

from huizhen.api import audit_io
from huizhen.api.audit_io import WAITING_MAX, KafkaAudit
from huizhen.api.metrics import Metrics
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.events import AuditEvent
from huizhen.schemas.routing import Record

EVENT = AuditEvent("e-1", 7, "R", "110103", 0, "ann", "clinic", "clinic", "/v1/sessions")
Delivered = Callable[[KafkaError | None, object], None]


class FakePublisher:
    def __init__(self) -> None:
        self.sent: list[tuple[Record, Delivered]] = []
        self.waiting = 0

    def send(self, record: Record, delivered: Delivered) -> None:
        self.sent.append((record, delivered))


@pytest.fixture
def publisher() -> FakePublisher:
    return FakePublisher()


@pytest.fixture
def audit(publisher: FakePublisher) -> KafkaAudit:
    return KafkaAudit(publisher, Metrics(CollectorRegistry()))  # type: ignore[arg-type] # a fake


def test_an_event_goes_to_the_audit_topic_by_its_institution(audit: KafkaAudit, publisher: FakePublisher) -> None:
    audit.write(EVENT)
    record, _ = publisher.sent[0]
    assert (record.topic, record.key) == ("huizhen.audit", "clinic")


def test_with_too_many_unconfirmed_events_acts_are_refused(audit: KafkaAudit, publisher: FakePublisher) -> None:
    publisher.waiting = WAITING_MAX
    with pytest.raises(Unavailable, match="audit log"):
        audit.write(EVENT)
    assert publisher.sent == []
    publisher.waiting = WAITING_MAX - 1
    audit.write(EVENT)


def test_after_a_refused_event_acts_are_refused_for_a_while_and_then_tried_again(
    audit: KafkaAudit, publisher: FakePublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_io, "AGAIN_S", 3600.0)
    audit.write(EVENT)
    publisher.sent[0][1](KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED), None)
    with pytest.raises(Unavailable):
        audit.write(EVENT)
    monkeypatch.setattr(audit_io, "AGAIN_S", 0.0)
    publisher.sent[0][1](KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED), None)
    audit.write(EVENT)
    assert len(publisher.sent) == 2
