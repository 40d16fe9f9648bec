"""Send a station's events until Kafka has them, and learn the cloud's clock from their stamps."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError, Message

from huizhen.producers.clock import ClockOffset, Exchange
from huizhen.producers.frame import Offset
from huizhen.producers.outbound import Outbound
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.routing import to_record

log = structlog.get_logger()


@dataclass(slots=True)
class _Event:
    event: Any
    then: Callable[[], None]
    again: bool


class EventSender:
    """Sends events in the background; one that fails is sent again by `tick`."""

    def __init__(self, publisher: Outbound) -> None:
        self._publisher = publisher
        self._lock = threading.Lock()
        self._failed: list[_Event] = []
        self._clock = ClockOffset()
        self._waiting = 0

    def send(self, event: Any, then: Callable[[], None] = lambda: None, again: bool = True) -> None:
        """Queue an event; `then` is called, on the client's thread, once Kafka has it.

        `again` False: not sent again where it fails, because a newer one will say more.
        """
        self._send(_Event(event, then, again))

    def tick(self) -> None:
        """Send again what failed."""
        with self._lock:
            failed, self._failed = self._failed, []
        for one in failed:
            self._send(one)

    @property
    def waiting(self) -> int:
        """Count the events that Kafka does not have yet."""
        with self._lock:
            return self._waiting + len(self._failed)

    def offset(self) -> Offset:
        """Give how the station's clock stands to the cloud's."""
        with self._lock:
            return self._clock.estimate(time.time_ns())

    def _send(self, one: _Event) -> None:
        sent_at_ns = time.time_ns()
        record = to_record(one.event, uuid.uuid4().hex, sent_at_ns)

        def delivered(error: KafkaError | None, message: Message) -> None:
            self._report(one, sent_at_ns, error, message)

        with self._lock:
            self._waiting += 1
        try:
            self._publisher.send(record, delivered)
        except Unavailable:
            self._fail(one)

    def _report(self, one: _Event, sent_at_ns: int, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            log.warning("event_not_delivered", kind=type(one.event).__name__, error=error.name())
            self._fail(one)
            return
        kind, stamp_ms = message.timestamp()
        with self._lock:
            self._waiting -= 1
            if kind == TIMESTAMP_LOG_APPEND_TIME:
                self._clock.add(Exchange(sent_at_ns, time.time_ns(), stamp_ms))
        one.then()

    def _fail(self, one: _Event) -> None:
        with self._lock:
            self._waiting -= 1
            if one.again:
                self._failed.append(one)
