"""Hostile records among the packets of a session, and what became of each."""

import random

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

from huizhen.schemas.ids import TenantId
from huizhen.schemas.kafka_io import Publisher, headers_of, quiet_logger
from huizhen.schemas.rejected import read_rejected
from huizhen.schemas.settings import kafka_client_config
from huizhen.schemas.topics import Topic, name_of
from tests.faults.services.line import Line

ANSWER_S = 120.0
Headers = list[tuple[str, bytes]]


class Poison:
    """Sends bad records and looks for them on `rejected`, by the place where each stood."""

    def __init__(self, line: Line, rng: random.Random) -> None:
        self._config = kafka_client_config(line.settings.kafka)
        self._rng = rng
        tenant = TenantId(line.tenant)
        self._topic = name_of(Topic.PACKETS, tenant)
        self._rejected = name_of(Topic.REJECTED, tenant)
        self._publisher = Publisher(self._config)
        self._waiting: dict[tuple[int, int], bytes] = {}
        """Bytes by partition and offset, of what was not found on rejected yet"""
        self.sent = 0
        self.refused = 0

    def send(self, session: str) -> None:
        """Send one of each kind."""
        for value, headers in self._kinds():
            self._publisher.send_raw(self._topic, session, value, headers, self._delivered)
        assert self._publisher.flush(ANSWER_S) == 0

    def _kinds(self) -> list[tuple[bytes, Headers]]:
        noise = self._rng.randbytes(self._rng.randrange(1, 40_000))
        envelope: Headers = [("ce_specversion", b"1.0"), ("ce_type", b"huizhen.packet.v1"), ("ce_id", noise[:8])]
        return [(noise, []), (noise[::2], envelope), (b"", envelope), (noise[:100], [("", noise[:30])])]

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        assert error is None
        partition, offset, value = message.partition(), message.offset(), message.value()
        assert partition is not None
        assert offset is not None
        self._waiting[partition, offset] = value if isinstance(value, bytes) else b""
        self.sent += 1

    @property
    def is_all_refused(self) -> bool:
        """Read all of `rejected`; say whether each stands there once, with its bytes."""
        found: dict[tuple[int, int], list[bytes]] = {}
        for message in self._records():
            origin = read_rejected(headers_of(message)).origin
            value = message.value()
            if origin.topic == self._topic:
                found.setdefault((origin.partition, origin.offset), []).append(
                    value if isinstance(value, bytes) else b""
                )
        self.refused = sum(place in found for place in self._waiting)
        if self.refused < self.sent:
            return False
        for place, value in self._waiting.items():
            assert set(found[place]) == {value}, f"the record at {place} is not what it was"
        return True

    def _records(self) -> list[Message]:
        config = {"group.id": "poison", "enable.auto.commit": False, "enable.partition.eof": True}
        consumer = Consumer({**self._config, **config, "logger": quiet_logger()})
        try:
            there = consumer.list_topics(self._rejected, ANSWER_S).topics[self._rejected].partitions
            consumer.assign([TopicPartition(self._rejected, each, OFFSET_BEGINNING) for each in there])
            ended, records = 0, []
            while ended < len(there):
                message = consumer.poll(ANSWER_S)
                assert message is not None, "the end of `rejected` is reached"
                error = message.error()
                if error is None:
                    records.append(message)
                elif error.code() == KafkaError._PARTITION_EOF:
                    ended += 1
            return records
        finally:
            consumer.close()

    def close(self) -> None:
        """Stop."""
        self._publisher.close(ANSWER_S)
