"""Stand-ins for Kafka in tests without a network."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from huizhen.schemas.errors import Unavailable
from huizhen.schemas.kafka_io import Delivered
from huizhen.schemas.routing import Record

LOG_APPEND_TIME = 2  # confluent_kafka.TIMESTAMP_LOG_APPEND_TIME


@dataclass
class FakeError:
    """A KafkaError as far as it is asked."""

    is_fatal: bool = False
    number: int = -192

    def fatal(self) -> bool:
        return self.is_fatal

    def name(self) -> str:
        return "_MSG_TIMED_OUT"

    def code(self) -> int:
        return self.number


@dataclass
class FakeMessage:
    """A delivered message's stamp."""

    stamp_ms: int = 0
    kind: int = LOG_APPEND_TIME

    def timestamp(self) -> tuple[int, int]:
        return self.kind, self.stamp_ms


@dataclass
class Handed:
    """A record that was handed over and is not reported yet."""

    topic: str
    key: str
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    delivered: Delivered | None

    def arrive(self, stamp_ms: int = 0) -> None:
        if self.delivered is not None:
            self.delivered(None, FakeMessage(stamp_ms))

    def fail(self, error: FakeError | None = None) -> None:
        if self.delivered is not None:
            self.delivered(error or FakeError(), FakeMessage())


@dataclass
class FakePublisher:
    """Keeps what it is handed; refuses while `is_full`."""

    handed: list[Handed] = field(default_factory=list)
    is_full: bool = False
    refuses: Exception | None = None

    def send(self, record: Record, delivered: Delivered | None = None) -> None:
        self.send_raw(record.topic, record.key, record.value, record.headers, delivered)

    def send_raw(
        self, topic: str, key: str, value: bytes | None, headers: Sequence[tuple[str, bytes]], delivered: Any = None
    ) -> None:
        if self.is_full:
            raise Unavailable("the Kafka producer's queue", 0.05)
        if self.refuses is not None:
            raise self.refuses
        self.handed.append(Handed(topic, key, value, headers, delivered))

    def take(self) -> list[Handed]:
        """Give what was handed since, in order."""
        handed, self.handed = self.handed, []
        return handed
