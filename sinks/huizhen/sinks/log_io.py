"""The archive's way to Kafka: events and dead letters, each call back only after delivery."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from confluent_kafka import KafkaError, Message

from huizhen.schemas.errors import Unavailable
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.routing import Record, key_of, to_record
from huizhen.schemas.settings import KafkaSettings, kafka_client_config

DELIVER_S = 20.0  # one attempt; the caller waits and tries again, since every record may stand twice
QUEUE_MAX_BYTES = 24 << 20  # the largest dead letter, 16 MB, and some events
RETRY_S = 1.0


class KafkaLog:
    """Publishes and waits; raises Unavailable where a record was not delivered."""

    def __init__(self, kafka: KafkaSettings, utc_ns: Callable[[], int]) -> None:
        timeout_ms = int(DELIVER_S * 1000)
        config = kafka_client_config(kafka)
        self._publisher = Publisher(config, QUEUE_MAX_BYTES, {"message.timeout.ms": timeout_ms})
        self._utc_ns = utc_ns

    def publish(self, events: Iterable[Any]) -> None:
        """Publish events and return once all are delivered."""
        at_ns = self._utc_ns()
        self.send([to_record(event, f"{key_of(event)}/{at_ns}", at_ns) for event in events])

    def send(self, records: list[Record]) -> None:
        """Send records and return once all are delivered."""
        waiting = _Deliveries(len(records))
        for record in records:
            self._publisher.send(record, waiting.delivered)
        waiting.wait()

    def close(self) -> None:
        """Stop; everything was delivered or given up already."""
        self._publisher.close(1.0)


class _Deliveries:
    """Counts the delivery reports of one call."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._failed = ""
        self._changed = threading.Condition()

    def delivered(self, error: KafkaError | None, _message: Message) -> None:
        with self._changed:
            self._left -= 1
            self._failed = self._failed or (error.name() if error is not None else "")
            self._changed.notify_all()

    def wait(self) -> None:
        deadline = time.monotonic() + 2 * DELIVER_S  # the client gives up after DELIVER_S and reports that
        with self._changed:
            done = self._changed.wait_for(lambda: self._left == 0, max(0.0, deadline - time.monotonic()))
        if not done or self._failed:
            raise Unavailable(f"Kafka ({self._failed or 'no delivery report'})", RETRY_S)
