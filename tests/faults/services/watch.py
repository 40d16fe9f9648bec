"""What comes out of the line: every record of `frames` with the time it came, read by a consumer of the test's own."""

import threading
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from huizhen.schemas.errors import BadInput
from huizhen.schemas.kafka_io import ANSWER_MS, headers_of, quiet_logger
from huizhen.schemas.record import read_frame_headers
from huizhen.schemas.settings import KafkaSettings, kafka_client_config
from huizhen.schemas.topics import Topic, name_of

ANSWER_S = 120.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A record of `frames`."""

    at_s: float
    """On the monotonic clock"""
    number: int
    exact: bool


class Watch:
    """Reads `frames` from its beginning, on a thread of its own."""

    def __init__(self, kafka: KafkaSettings) -> None:
        config = {
            "group.id": "watch", "enable.auto.commit": False, "fetch.wait.max.ms": 20, "reconnect.backoff.max.ms": 500,
            "topic.metadata.refresh.interval.ms": 1000, "socket.timeout.ms": ANSWER_MS, "logger": quiet_logger(),
        }  # fmt: skip
        self._consumer = Consumer({**kafka_client_config(kafka), **config})
        topic = name_of(Topic.FRAMES)
        found = self._consumer.list_topics(topic, ANSWER_S).topics[topic].partitions
        self._consumer.assign([TopicPartition(topic, each, OFFSET_BEGINNING) for each in found])
        self._seen: dict[str, list[Seen]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            for message in self._consumer.consume(100, 0.02):
                now_s = time.monotonic()
                if message.error() is not None:
                    continue
                try:
                    meta = read_frame_headers(headers_of(message))
                except BadInput:
                    continue
                seen = Seen(now_s, int(meta.head.frame.number), meta.exact)
                self._seen.setdefault(str(meta.head.frame.stream.session), []).append(seen)
        self._consumer.close()

    def of(self, session: str) -> list[Seen]:
        """Give what came of a session so far, in the order it came."""
        return list(self._seen.get(session, ()))

    def newest(self, session: str) -> int:
        """Give the highest number that came, -1 before the first."""
        return max((each.number for each in self.of(session)), default=-1)

    def count(self, session: str) -> int:
        """Count the different frames that came."""
        return len({each.number for each in self.of(session)})

    def close(self) -> None:
        """Stop reading."""
        self._stopping.set()
        self._thread.join(ANSWER_S)


def silence_s(seen: list[Seen], since_s: float = 0.0, until_s: float = float("inf")) -> float:
    """Give the longest time between two frames that were new when they came."""
    newest, times = -1, []
    for each in seen:
        if each.number > newest and since_s <= each.at_s <= until_s:
            times.append(each.at_s)
        newest = max(newest, each.number)
    return max((later - earlier for earlier, later in pairwise(times)), default=0.0)


def repeats(seen: list[Seen]) -> int:
    """Count exact frames that came again."""
    counted = Counter(each.number for each in seen if each.exact)
    return sum(count - 1 for count in counted.values())
