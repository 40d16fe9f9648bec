"""A small producer beside the line: how long a publish takes until it is acknowledged."""

import threading
import time

from confluent_kafka import KafkaError, Message
from confluent_kafka.cimpl import NewTopic

from huizhen.cli.kafka_io import admin_client
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.settings import KafkaSettings, kafka_client_config

TOPIC = "probe"
PERIOD_S = 0.05
ANSWER_S = 180.0


class Probe:
    """Publishes a few bytes many times a second, and keeps the longest time to an acknowledgement."""

    def __init__(self, kafka: KafkaSettings) -> None:
        config = {"min.insync.replicas": str(kafka.min_insync_replicas)}
        new = NewTopic(TOPIC, 6, kafka.replication_factor, config=config)
        admin = admin_client(kafka)  # kept: the answer comes to nobody once it is gone
        done = admin.create_topics([new])[TOPIC].exception(ANSWER_S)
        assert done is None or done.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS, done
        self._publisher = Publisher(kafka_client_config(kafka), overrides={"message.timeout.ms": 0})
        self.longest_s = 0.0
        self.sent = 0
        self.failed = 0
        self.acknowledged = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.wait(PERIOD_S):
            began_s = time.monotonic()

            def delivered(error: KafkaError | None, _: Message, began_s: float = began_s) -> None:
                self.failed += error is not None
                self.acknowledged += error is None
                self.longest_s = max(self.longest_s, time.monotonic() - began_s)

            try:
                self._publisher.send_raw(TOPIC, str(self.sent), b"probe", [], delivered)
            except Unavailable:
                continue
            self.sent += 1

    def close(self) -> float:
        """Wait for the last acknowledgements; gives the longest stall."""
        self._stopping.set()
        self._thread.join(ANSWER_S)
        left = self._publisher.close(ANSWER_S)
        assert (left, self.failed) == (0, 0), f"{left} not acknowledged, {self.failed} failed"
        return self.longest_s
