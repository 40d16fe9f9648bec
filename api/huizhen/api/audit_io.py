"""Publish audit events; where the broker has not confirmed too many of them, the act is refused."""

import time

import structlog
from confluent_kafka import KafkaError, Message

from huizhen.api.metrics import Metrics
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.events import AuditEvent
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.routing import to_record

WAITING_MAX = 5_000  # events the broker has not confirmed: minutes of work; above it every act is refused
AGAIN_S = 5.0  # after a refused event (the topic is gone, the broker forbids it) every act is refused this long
log = structlog.get_logger()
NEVER = {"message.timeout.ms": 0}
"""Producer settings for audit and consultations: a queued event is kept until the broker takes it"""


class KafkaAudit:
    """Audit events on Kafka."""

    def __init__(self, publisher: Publisher, metrics: Metrics) -> None:
        self._publisher = publisher
        self._metrics = metrics
        self._refusing_until_s = 0.0

    def write(self, event: AuditEvent) -> None:
        """Queue an event; raises Unavailable where it cannot be queued."""
        waiting = self._publisher.waiting
        self._metrics.audit_waiting.set(waiting)
        if waiting >= WAITING_MAX or time.monotonic() < self._refusing_until_s:
            raise Unavailable("the audit log", AGAIN_S)
        self._publisher.send(to_record(event, event.event_id, event.at_ns), self._delivered)

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            log.error("audit_event_lost", code=error.name())
            self._refusing_until_s = time.monotonic() + AGAIN_S
