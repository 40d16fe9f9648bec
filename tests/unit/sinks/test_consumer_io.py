"""What the archive's consumer takes for committed."""

import threading
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from confluent_kafka import Consumer, KafkaError, TopicPartition

from huizhen.schemas.settings import Settings
from huizhen.sinks import consumer_io
from huizhen.sinks.consumer_io import GroupReader

FRAMES = "huizhen.frames"


@dataclass
class Answer:
    """What a broker says of one partition's commit."""

    topic: str
    partition: int
    offset: int
    error: KafkaError | None


@dataclass
class FakeConsumer:
    """Takes commits, but none of the partitions in `refused`."""

    refused: set[int] = field(default_factory=set)
    asked: list[dict[int, int]] = field(default_factory=list)

    def list_topics(self, topic: str, timeout: float) -> Any:
        found = type("Found", (), {"error": None, "partitions": {0: None, 1: None}})
        return type("Metadata", (), {"topics": {topic: found}})

    def commit(self, offsets: list[TopicPartition], asynchronous: bool) -> list[Answer]:
        self.asked.append({each.partition: each.offset for each in offsets})
        error = KafkaError(KafkaError.COORDINATOR_NOT_AVAILABLE)
        return [Answer(FRAMES, p.partition, p.offset, error if p.partition in self.refused else None) for p in offsets]


def test_a_partition_whose_commit_was_refused_is_committed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeConsumer(refused={1})
    monkeypatch.setattr(consumer_io, "_make", lambda settings: cast(Consumer, fake))
    reader = GroupReader(Settings(), [FRAMES], (FRAMES,), threading.Event())
    reader.partitions.assign({(FRAMES, 0): 4, (FRAMES, 1): 7})
    reader.commit()
    fake.refused.clear()
    reader.commit()
    reader.commit()
    assert fake.asked == [{0: 4, 1: 7}, {1: 7}]
