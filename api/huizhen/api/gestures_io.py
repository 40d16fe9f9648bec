"""Publish gestures: at once to those of this process, by Kafka to the others; a lost one is followed by the next."""

from collections.abc import Callable

import structlog

from huizhen.schemas.errors import Unavailable
from huizhen.schemas.events import Gesture
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.routing import to_record

log = structlog.get_logger()


class KafkaGestures:
    """The topic `gestures`."""

    def __init__(self, publisher: Publisher, here: Callable[[Gesture], None]) -> None:
        self._publisher = publisher
        self._here = here

    def send(self, gesture: Gesture) -> None:
        """Tell everybody; while Kafka is away only those of this process hear it."""
        self._here(gesture)
        try:
            self._publisher.send(to_record(gesture, f"{gesture.seat}-{gesture.at_ns}", gesture.at_ns))
        except Unavailable as error:
            log.warning("gesture_not_sent", kind=gesture.kind, error=str(error))
