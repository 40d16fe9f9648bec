"""The archive's consumer: a static member of its group, bounded in memory, committing by hand."""

from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

from huizhen.schemas.errors import Unavailable
from huizhen.schemas.settings import Settings, kafka_client_config
from huizhen.schemas.topics import FRAME_RECORD_MAX

QUEUE_KIB = 16 << 10  # fetched and not yet read, in all partitions
SESSION_MS = 10_000  # a static member that is back within this time keeps its partitions: no rebalance on a restart
HEARTBEAT_MS = 3_000
POLL_MAX_MS = 300_000  # no turn takes so long: one upload is bounded by 35 s and waiting polls
ASK_S = 10.0


def make_consumer(settings: Settings) -> Consumer:
    """Make the consumer; `range` gives a worker the same partition of every topic that is spread by session."""
    ours: dict[str, Any] = {
        "group.id": settings.archive.group,
        "group.instance.id": settings.archive.instance_id,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "partition.assignment.strategy": "range",
        "session.timeout.ms": SESSION_MS,
        "heartbeat.interval.ms": HEARTBEAT_MS,
        "max.poll.interval.ms": POLL_MAX_MS,
        "fetch.wait.max.ms": 50,
        "fetch.message.max.bytes": 2 << 20,
        "fetch.max.bytes": FRAME_RECORD_MAX + (1 << 20),
        "receive.message.max.bytes": FRAME_RECORD_MAX + (2 << 20),
        "queued.max.messages.kbytes": QUEUE_KIB,
        "allow.auto.create.topics": False,
    }
    return Consumer({**kafka_client_config(settings.kafka), **ours, "logger": quiet_logger()})


def partitions_of(consumer: Consumer, topic: str) -> int:
    """Count the partitions of a topic; raises Unavailable."""
    try:
        found = consumer.list_topics(topic, ASK_S).topics[topic]
    except KafkaException as error:
        raise Unavailable("Kafka", 1.0) from error
    if found.error is not None or not found.partitions:
        raise Unavailable(f"topic {topic} (create it with `huizhen topics`)", 1.0)
    return len(found.partitions)


def starts_of(consumer: Consumer, partitions: list[TopicPartition]) -> dict[tuple[str, int], int]:
    """Give the offset that is read first, per partition: the committed one, or 0."""
    committed = consumer.committed(partitions, ASK_S)
    return {(each.topic, each.partition): max(0, each.offset) for each in committed}


def quiet_logger() -> Any:
    """Keep librdkafka's own lines out of the log: they name broker addresses."""
    import logging

    logger = logging.getLogger("librdkafka")
    logger.setLevel(logging.CRITICAL)
    return logger
