"""Ask the broker, on its own connection, whether it answers and how many records of our topics wait."""

from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from huizhen.schemas.kafka_io import ASKING

ASK_S = 2.0  # a broker that needs longer does not answer
QUIET = {"enable.auto.commit": "false", "log_level": "0", "allow.auto.create.topics": "false"}


class LagReader:
    """Knows the partitions of `topics` and compares what is committed with what is there."""

    def __init__(self, config: dict[str, str], group: str, topics: Sequence[str]) -> None:
        self._topics = list(topics)
        self._consumer = Consumer({**config, **ASKING, **QUIET, "group.id": group})
        self._partitions: list[TopicPartition] = []

    def committed_and_waiting(self, ours: frozenset[tuple[str, int]]) -> tuple[int, int] | None:
        """Give how far the group has committed in sum, and how many records are behind; None: no answer in ASK_S.

        `ours`: the partitions to look at; a worker that has none looks at all.
        """
        try:
            if not self._partitions:
                self._partitions = self._find()
            wanted = [one for one in self._partitions if not ours or (one.topic, one.partition) in ours]
            return self._sum(self._consumer.committed(wanted, ASK_S))
        except KafkaException:
            return None

    def _find(self) -> list[TopicPartition]:
        found = self._consumer.list_topics(timeout=ASK_S).topics
        return [
            TopicPartition(topic, partition)
            for topic in self._topics
            if topic in found
            for partition in found[topic].partitions
        ]

    def _sum(self, committed: Sequence[TopicPartition]) -> tuple[int, int]:
        done = waiting = 0
        for place in committed:
            low, high = self._consumer.get_watermark_offsets(place, ASK_S)
            at = max(place.offset, low)
            done += at
            waiting += high - at
        return done, waiting

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close()


def check_topics(admin: AdminClient, topics: Sequence[str]) -> list[str]:
    """Give the topics that are not there; raises KafkaException where the broker does not answer."""
    found = admin.list_topics(timeout=ASK_S).topics
    return [topic for topic in topics if topic not in found]
