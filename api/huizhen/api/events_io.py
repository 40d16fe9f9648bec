"""Read the event topics into the world, from the beginning and then for ever; try again while Kafka is away."""

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from huizhen.api.inbox import Inbox
from huizhen.api.metrics import Metrics
from huizhen.api.stations import Stations
from huizhen.api.world import World
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.ids import TenantId
from huizhen.schemas.kafka_io import EventReader, Place
from huizhen.schemas.settings import Settings, kafka_client_config
from huizhen.schemas.topics import Topic, kind_of, name_of, tenant_of

VERDICTS_SINCE_S = 3600  # older frames are counted from the ledger; all of four weeks would take minutes to read
CATCH_UP_S = 120.0  # then the log is read on, and the api serves what it knows so far
LOOK_S = 2.0  # between sums of what stations say: alerts wait longer
WAITING_MAX = 10_000  # events that may wait for the event loop, about 10 MB; then the reader's thread waits
MANY = {"fetch.min.bytes": str(16 << 10)}  # counts may be half a second old; ten verdicts at a time cost less
log = structlog.get_logger()
Item = tuple[object, Place]


class EventFeed:
    """Follows sessions, ledger, consultations and verdicts."""

    def __init__(self, settings: Settings, world: World, metrics: Metrics) -> None:
        self._settings = settings
        self._world = world
        self._metrics = metrics
        self._readers: list[EventReader] = []
        self._stations = Stations()

    async def run(self) -> None:
        """Read until cancelled; the world is ready once what stood in the topics is folded. Raises on a bug of ours."""
        inbox: Inbox[Item] = Inbox(asyncio.get_running_loop(), self._take, WAITING_MAX)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(inbox.failed())
                group.create_task(self._begin(inbox))
                group.create_task(self._look_at_stations())
        finally:
            inbox.close()
            await asyncio.to_thread(self._close)

    async def _look_at_stations(self) -> None:
        while True:
            self._metrics.stations(self._stations.standing(time.time()))
            await asyncio.sleep(LOOK_S)

    async def _begin(self, inbox: Inbox[Item]) -> None:
        await self._follow(self._topics(), inbox, None)
        await self._settle(inbox)
        self._world.ready = True
        log.info("events_followed")
        since_ms = int((time.time() - VERDICTS_SINCE_S) * 1000)
        await self._follow([name_of(Topic.VERDICTS)], inbox, since_ms, MANY)
        await self._follow([name_of(Topic.GESTURES)], inbox, int(time.time() * 1000))

    def _topics(self) -> list[str]:
        tenants = [TenantId(tenant) for tenant in self._settings.processor.tenants]
        return [
            *(name_of(Topic.SESSIONS, tenant) for tenant in tenants),
            name_of(Topic.LEDGER),
            name_of(Topic.CONSULTS),
        ]

    async def _follow(
        self, topics: Sequence[str], inbox: Inbox[Item], since_ms: int | None, more: dict[str, str] | None = None
    ) -> None:
        config = kafka_client_config(self._settings.kafka) | (more or {})
        take: Callable[[object, Place], None] = lambda event, place: inbox.put((event, place))  # noqa: E731
        while True:
            try:
                reader = await asyncio.to_thread(
                    EventReader, config, topics, take, since_ms=since_ms, refused=self._count_refused
                )
            except Unavailable as error:
                log.warning("events_not_followed", error=str(error))
                await asyncio.sleep(error.retry_after_s)
            else:
                self._readers.append(reader.start())
                return

    async def _settle(self, inbox: Inbox[Item]) -> None:
        for reader in self._readers:
            if not await asyncio.to_thread(reader.catch_up, CATCH_UP_S):
                log.warning("events_not_caught_up", limit_s=CATCH_UP_S)
        await inbox.drained()

    def _take(self, item: Item) -> None:
        event, place = item
        topic = kind_of(place.topic)
        self._metrics.events.labels(topic).inc()
        self._metrics.event_lag.labels(topic).set(max(0.0, time.time() - place.timestamp_ms / 1000))
        self._stations.take(event, place.timestamp_ms / 1000)
        if event is None:
            self._world.erase(str(tenant_of(place.topic) or ""), place.key)
        else:
            self._world.take(event, f"{place.topic}/{place.partition}/{place.offset}")

    def _count_refused(self, topic: str) -> None:
        self._metrics.events_refused.labels(topic).inc()

    def _close(self) -> None:
        for reader in self._readers:
            reader.close()
