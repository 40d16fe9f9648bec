"""How far a consumer group is behind.

Asked through a consumer that never joins the group: in confluent-kafka 2.16.1 the admin client's
`list_consumer_group_offsets` ends the process with a segmentation fault for a group that does not exist.
"""

from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaException, TopicPartition

from huizhen.schemas.settings import KafkaSettings, kafka_client_config
from huizhen.schemas.topics import TopicSpec

ANSWER_S = 5.0


def lags(kafka: KafkaSettings, groups: Sequence[str], topics: Sequence[TopicSpec]) -> dict[str, int | None]:
    """Count, per group, the records it has not confirmed yet; None when it never confirmed any or Kafka is away."""
    return {group: _lag(kafka, group, topics) for group in groups}


def _lag(kafka: KafkaSettings, group: str, topics: Sequence[TopicSpec]) -> int | None:
    config = {"group.id": group, "enable.auto.commit": "false", "log_level": "0"}
    consumer = Consumer({**kafka_client_config(kafka), **config})
    wanted = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
    try:
        confirmed = [tp for tp in consumer.committed(wanted, ANSWER_S) if tp.offset >= 0]
        behind = [consumer.get_watermark_offsets(tp, ANSWER_S)[1] - tp.offset for tp in confirmed]
    except KafkaException:
        return None
    finally:
        consumer.close()
    return sum(max(0, count) for count in behind) if behind else None
