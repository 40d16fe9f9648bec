"""Append to the log of consultations, and answer only after the event was read back from it."""

import asyncio
from collections.abc import Callable

from confluent_kafka import KafkaError, Message

from huizhen.schemas.errors import Unavailable
from huizhen.schemas.events import ConsultEvent
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.routing import to_record

READ_BACK_S = 5.0  # an event is usually back in 0.1 s; after this the caller is told to look again
PENDING_MAX = 1_000


class KafkaConsultLog:
    """The topic `consults`; `on_consult` must be called, on the loop's thread, with every event read from it."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._pending: dict[str, asyncio.Future[None]] = {}

    def on_consult(self, event: ConsultEvent) -> None:
        """Note that an event was read back and folded."""
        waiting = self._pending.get(event.event_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    async def append(self, event: ConsultEvent) -> None:
        """Publish an event and wait until it was read back; raises Unavailable."""
        if len(self._pending) >= PENDING_MAX:
            raise Unavailable("the log of consultations", 1.0)
        loop = asyncio.get_running_loop()
        future = self._pending[event.event_id] = loop.create_future()
        try:
            record = to_record(event, event.event_id, event.at_ns)
            self._publisher.send(record, _refused(loop, future))
            async with asyncio.timeout(READ_BACK_S):
                await future
        except TimeoutError as error:
            raise Unavailable("the log of consultations (your change may still come to stand)", 2.0) from error
        finally:
            del self._pending[event.event_id]


def _refused(
    loop: asyncio.AbstractEventLoop, future: asyncio.Future[None]
) -> Callable[[KafkaError | None, Message], None]:
    def fail() -> None:
        if not future.done():
            future.set_exception(Unavailable("the log of consultations", 1.0))

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            loop.call_soon_threadsafe(fail)

    return delivered
