"""Deliver bundles of records, in order, and say when all of a bundle are safe on the broker. Nothing is ever dropped.

A full queue is waited for on the caller's thread; a failed delivery is sent again after a while. Both are declared
waiting: the watchdog lets the worker live. A fatal error of the producer is ours to leave with.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from confluent_kafka import KafkaError, Message

from huizhen.schemas.errors import Bug, Unavailable
from huizhen.schemas.kafka_io import Delivered
from huizhen.schemas.routing import Record
from huizhen.schemas.threads_io import Leave

log = structlog.get_logger()
LATE_S = 1.0  # a delivery that takes longer waits for the world: the client holds it, for a topic that is gone perhaps
RETRY_S = 1.0  # between tries of a delivery that failed: topic deleted, access taken away


class Sender(Protocol):
    """What the outbox wants of a Publisher."""

    def send(self, record: Record, delivered: Delivered | None = None) -> None:
        """Queue a record; raises Unavailable where the queue is full."""


@dataclass(eq=False, slots=True)
class _Bundle:
    left: int
    done: Callable[[], None]


@dataclass(eq=False, slots=True)
class _Item:
    record: Record
    bundle: _Bundle
    has_failed: bool = False


class Outbox:
    """Sends on the caller's thread, counts deliveries on the publisher's poll thread."""

    def __init__(self, sender: Sender, leave: Leave, now_s: Callable[[], float] = time.monotonic) -> None:
        self._sender = sender
        self._leave = leave
        self._lock = threading.Lock()
        self._failed: list[_Item] = []
        self._unsettled = 0
        self._in_flight: Counter[str] = Counter()
        self._moved_s: dict[str, float] = {}
        self._now_s = now_s
        self._stopping = threading.Event()
        self._is_full = False

    @property
    def is_waiting(self) -> bool:
        """Say whether deliveries wait for the world: the queue is full or a topic does not take records."""
        return self._is_full or self._unsettled > 0 or self._is_late

    @property
    def _is_late(self) -> bool:
        before_s = self._now_s() - LATE_S
        with self._lock:
            return any(self._moved_s[topic] < before_s for topic in self._in_flight)

    @property
    def waits_for(self) -> str:
        """Name the topics whose deliveries are awaited."""
        with self._lock:
            return ", ".join(sorted({*self._in_flight, *(item.record.topic for item in self._failed)}))

    def send(self, records: Sequence[Record], done: Callable[[], None]) -> None:
        """Queue a bundle; waits while the queue is full or an earlier delivery fails.

        `done` is called on the poll thread when all are delivered.
        """
        while self._unsettled and not self._stopping.wait(RETRY_S):
            self.retry()
        bundle = _Bundle(len(records), done)
        for record in records:
            self._send(_Item(record, bundle))

    def retry(self) -> None:
        """Send again what failed; the owner calls this every RETRY_S, so that the last records go out too."""
        with self._lock:
            again, self._failed = self._failed, []
        for item in again:
            self._send(item)

    def _send(self, item: _Item) -> None:
        def delivered(error: KafkaError | None, _: Message) -> None:
            self._delivered(error, item)

        self._count(item, 1)
        while not self._stopping.is_set():
            try:
                self._sender.send(item.record, delivered)
            except Unavailable as error:
                self._is_full = True
                self._stopping.wait(error.retry_after_s)
            else:
                self._is_full = False
                return

    def _count(self, item: _Item, change: int) -> None:
        topic = item.record.topic
        with self._lock:
            if change < 0 or not self._in_flight[topic]:
                self._moved_s[topic] = self._now_s()
            self._in_flight[topic] += change
            self._in_flight = +self._in_flight  # without topics that nothing is on its way to

    def _delivered(self, error: KafkaError | None, item: _Item) -> None:
        self._count(item, -1)
        if error is not None and error.fatal():
            self._leave(Bug(f"the Kafka producer ended: {error.name()}"))
            return
        with self._lock:
            self._unsettled += (error is not None) - item.has_failed
            item.has_failed = error is not None
            if error is None:
                item.bundle.left -= 1
            else:
                self._failed.append(item)
            is_done = item.bundle.left == 0
        if error is not None:
            log.error("delivery_failed", topic=item.record.topic, code=error.name(), retry_after_s=RETRY_S)
        elif is_done:
            item.bundle.done()

    def stop(self) -> None:
        """End all waiting; what was not delivered is read again by the next worker."""
        self._stopping.set()
