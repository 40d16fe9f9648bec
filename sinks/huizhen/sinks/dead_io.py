"""Events that cannot be read are kept on `rejected`, each once, though the event topics are read again at every start.

How far that was done is known to the broker: the offset that a group of its own has committed. The archive does this
for all parts: the others read the same topics, count the same events and leave them.
"""

from collections.abc import Callable, Collection

from confluent_kafka import Consumer, KafkaException, TopicPartition

from huizhen.schemas.errors import BadInput, Unavailable
from huizhen.schemas.ids import TenantId
from huizhen.schemas.kafka_io import quiet_logger
from huizhen.schemas.rejected import Original, to_rejected
from huizhen.schemas.settings import KafkaSettings, kafka_client_config
from huizhen.sinks.log_io import KafkaLog
from huizhen.sinks.owner import owner_of

ASK_S = 10.0
RETRY_S = 1.0


class DeadEvents:
    """Keeps refused events; raises Unavailable where Kafka does not serve, then call it again."""

    def __init__(
        self,
        kafka: KafkaSettings,
        group: str,
        tenants: Collection[TenantId],
        log: KafkaLog,
        utc_ns: Callable[[], int],
    ) -> None:
        config = {"group.id": f"{group}-dead-events", "enable.auto.commit": "false", "logger": quiet_logger()}
        self._consumer = Consumer({**kafka_client_config(kafka), **config})
        self._tenants = tenants
        self._log = log
        self._utc_ns = utc_ns
        self._kept: dict[tuple[str, int], int] = {}
        """By topic and partition: the offset below which all are kept"""

    def keep(self, error: BadInput, original: Original) -> bool:
        """Keep a refused event, unless that was done before; say whether it was done now."""
        at = original.origin
        place = (at.topic, at.partition)
        if place not in self._kept:
            self._kept[place] = self._ask(*place)
        if at.offset < self._kept[place]:
            return False
        owner = owner_of(original.headers or (), self._tenants)
        self._log.send([to_rejected(error, original, self._utc_ns(), owner)])
        self._commit(at.topic, at.partition, at.offset + 1)
        self._kept[place] = at.offset + 1
        return True

    def _ask(self, topic: str, partition: int) -> int:
        try:
            (found,) = self._consumer.committed([TopicPartition(topic, partition)], ASK_S)
        except KafkaException as error:
            raise Unavailable(f"Kafka ({error.args[0].name()})", RETRY_S) from error
        return max(0, int(found.offset))

    def _commit(self, topic: str, partition: int, offset: int) -> None:
        try:
            self._consumer.commit(offsets=[TopicPartition(topic, partition, offset)], asynchronous=False)
        except KafkaException as error:
            raise Unavailable(f"Kafka ({error.args[0].name()})", RETRY_S) from error

    def close(self) -> None:
        """Close the connection."""
        self._consumer.close()
