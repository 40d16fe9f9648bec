"""What capture needs of a Kafka client."""

from collections.abc import Sequence
from typing import Protocol

from huizhen.schemas.kafka_io import Delivered
from huizhen.schemas.routing import Record


class Outbound(Protocol):
    """Queues records and reports each delivery; `huizhen.schemas.kafka_io.Publisher` is one."""

    def send(self, record: Record, delivered: Delivered | None = None) -> None:
        """Queue a record; raises Unavailable where the queue is full."""

    def send_raw(
        self,
        topic: str,
        key: str,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
        delivered: Delivered | None = None,
    ) -> None:
        """Queue raw bytes; raises Unavailable where the queue is full."""
