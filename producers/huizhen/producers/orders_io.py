"""The thread that reads what this station is told, from the moment Kafka can be reached."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from confluent_kafka import KafkaException

from huizhen.producers import metrics
from huizhen.producers.orders import Order, Phase, order_of
from huizhen.schemas.errors import BadInput, Unavailable
from huizhen.schemas.events import Command
from huizhen.schemas.ids import StationId, TenantId
from huizhen.schemas.kafka_io import EventReader, Place
from huizhen.schemas.threads_io import thread
from huizhen.schemas.topics import Topic, name_of

log = structlog.get_logger()
RETRY_S = 1.0
JOIN_S = 0.5
HISTORY_S = 10.0  # to read an hour of commands; tried again until it is done


class OrderReader:
    """Gives the orders for this station to `obey`, on its own thread."""

    def __init__(
        self,
        config: Mapping[str, str],
        tenant: TenantId,
        station: StationId,
        phases: Callable[[], Mapping[str, Phase]],
        obey: Callable[[Order], None],
    ) -> None:
        self._config = config
        self._topic = name_of(Topic.COMMANDS, tenant)
        self._station = station
        self._phases = phases
        self._obey = obey
        self._is_history = True
        self._stopping = threading.Event()
        self._thread = thread("orders", self._run)
        self.is_connected = False

    def start(self) -> "OrderReader":
        """Start reading."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop reading; a client that is just connecting is left to end by itself."""
        self._stopping.set()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        reader = self._connect()
        if reader is None:
            return
        reader.start()
        while not self._stopping.is_set() and not reader.catch_up(HISTORY_S):
            self._stopping.wait(RETRY_S)
        self._is_history = False
        self.is_connected = True
        log.info("kafka_found")
        self._stopping.wait()
        reader.close(JOIN_S)

    def _connect(self) -> EventReader | None:
        wait_s, said = 0.0, False
        while not self._stopping.wait(wait_s):
            try:
                return EventReader(self._config, [self._topic], self._take, refused=_count_refused)
            except (Unavailable, KafkaException) as error:
                if not said:
                    why = str(error) if isinstance(error, Unavailable) else "Kafka is not available"
                    log.warning("waiting_for_kafka", why=why, meanwhile="frames wait in the journal")
                wait_s, said = RETRY_S, True
        return None

    def _take(self, event: Any, place: Place) -> None:
        if not isinstance(event, Command):
            return
        try:
            order = order_of(event, self._station, self._phases(), self._is_history)
        except BadInput as error:
            order = str(error)
        if isinstance(order, str):
            if event.station == self._station and not self._is_history:
                log.info("command_passed_over", kind=event.kind, session=event.session, why=order)
            return
        log.info("command", kind=event.kind, session=event.session, first=event.first, last=event.last)
        self._obey(order)


def _count_refused(topic: str) -> None:
    metrics.EVENTS_REFUSED.labels(topic).inc()
