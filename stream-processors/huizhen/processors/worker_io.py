"""One worker process: readers, publisher, agents, ticks, watchdog and health, each started and ended here."""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import structlog
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from faust.contrib.asgi import faust_app_running

from huizhen.processors import metrics
from huizhen.processors.agent import EXIT_BUG, Agent, leave
from huizhen.processors.announcement import Judgement, judge_geometry, judge_session
from huizhen.processors.app import build, folder_of, topics_of
from huizhen.processors.lag_io import LagReader, check_topics
from huizhen.processors.lane import Lane
from huizhen.processors.outbox import RETRY_S, Outbox
from huizhen.processors.sessions import Sessions, apply
from huizhen.processors.step import Assembler
from huizhen.processors.studio import Studio
from huizhen.processors.transport import App
from huizhen.processors.watchdog import Sight, Watchdog
from huizhen.schemas.bundled import bundled
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.events import Announced, GeometryDeclared
from huizhen.schemas.health_io import HealthServer
from huizhen.schemas.kafka_io import EventReader, Place, Publisher
from huizhen.schemas.profile import Profile
from huizhen.schemas.profile_io import load_profile
from huizhen.schemas.reasons import Verdict
from huizhen.schemas.settings import Settings, kafka_client_config
from huizhen.schemas.topics import Topic, name_of, tenant_of

log = structlog.get_logger()
TICK_S = 0.02  # how exactly the 100 ms of a silent link are kept
TICK_LATE_S = 0.06  # a tick this late means that the loop was busy: no link is judged silent by it
LOOK_S = 1.0  # between looks of the watchdog
START_RETRY_S = 2.0  # between tries while the broker is away at start
READ_S = 5.0  # for reading the `sessions` topics to their end
OUTBOX_BYTES_MAX = 32 << 20  # the largest record twice
STOP_S = 4.0  # of the five seconds that a SIGTERM may take
PART = "processors"


@dataclass(slots=True)
class Worker:
    """A worker from start to end."""

    settings: Settings
    sessions: Sessions = field(default_factory=Sessions)
    state: str = "starting"
    """What /healthz says: ok, or one line"""
    busy_at_s: float = 0.0
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> int:
        """Work until a signal or until it must give up; returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        _quiet()
        health = HealthServer(self.settings.metrics_host, self.settings.metrics_port, lambda: {PART: self.state})
        log.info("metrics", port=health.port)
        try:
            if not await self._wait_for_topics():
                return 0
            return await self._serve()
        finally:
            health.close()

    async def _wait_for_topics(self) -> bool:
        """Wait until the broker answers and the topics are there; False: stopped meanwhile."""
        admin = AdminClient({**kafka_client_config(self.settings.kafka), "log_level": "0"})
        wanted = [*self._packet_topics(), *topics_of(self.settings, Topic.SESSIONS)]
        wanted += [name_of(topic) for topic in (Topic.FRAMES, Topic.VERDICTS, Topic.REJECTED)]
        while not self._stop.is_set():
            try:
                lacking = await asyncio.to_thread(check_topics, admin, wanted)
                self.state = f"topics are missing, create them with `huizhen topics`: {', '.join(lacking)}"
            except KafkaException:
                lacking = wanted
                self.state = "Kafka does not answer"
            if not lacking:
                return True
            log.warning("waiting", what=self.state, retry_after_s=START_RETRY_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), START_RETRY_S)
        return False

    def _packet_topics(self) -> list[str]:
        return topics_of(self.settings, Topic.PACKETS) + topics_of(self.settings, Topic.BACKFILL)

    def _apply(self, event: Any, place: Place) -> None:
        """Take an event of a `sessions` topic, on the reader's thread."""
        tenant = tenant_of(place.topic)
        assert tenant is not None  # noqa: S101 - only topics of tenants are read
        if event is None:
            session, _, kind = place.key.partition("|")
            if kind == "announced":
                self.sessions.forget(tenant, session)
            return
        judgement = self._judge(event)
        if judgement is not None:
            metrics.JUDGED.labels(str(judgement.verdict)).inc()
            if judgement.verdict is not Verdict.PASS:
                said = str(judgement.refusal or ", ".join(judgement.lacking))
                log.warning("judged", topic=place.topic, offset=place.offset, verdict=judgement.verdict, what=said)
        if not apply(self.sessions, event, tenant, judgement.refusal if judgement else None):
            log.warning("event_of_another_tenant", topic=place.topic, offset=place.offset)
        metrics.SESSIONS.set(self.sessions.count)

    def _judge(self, event: Any) -> Judgement | None:
        match event:
            case Announced():
                return judge_session(event)
            case GeometryDeclared():
                session = self.sessions.find(event.tenant, event.session)
                return judge_geometry(event, session.sources.get(event.source) if session else None)
        return None

    async def _serve(self) -> int:
        config = kafka_client_config(self.settings.kafka)
        reader = EventReader(config, topics_of(self.settings, Topic.SESSIONS), self._apply).start()
        publisher = Publisher(config, OUTBOX_BYTES_MAX)
        outbox = Outbox(publisher, leave)
        lane = Lane(leave)

        async def catch_up() -> bool:
            return await asyncio.to_thread(reader.catch_up, READ_S)

        folder_of(self.settings).mkdir(parents=True, exist_ok=True)  # Faust makes the last folder only

        async def take(message: Any) -> None:
            await agent.take(message)

        app = build(self.settings, take)
        agent = Agent(
            Assembler(self.sessions),
            Studio(self.sessions, _profiles(), self.settings.processor.fill),
            lane,
            outbox,
            catch_up,
            acknowledge=lambda message: message.ack(app.consumer),
            generation=lambda: app.consumer_generation_id,
        )
        self._follow_partitions(app, agent)
        await catch_up()
        try:
            async with self._running(app, agent, lane, publisher):
                return await self._watch(app, agent, lane, outbox)
        finally:
            outbox.stop()
            lane.close()
            publisher.close(0.5)
            reader.close(0.5)

    def _follow_partitions(self, app: App, agent: Agent) -> None:
        @app.on_partitions_revoked.connect(weak=False)  # type: ignore[untyped-decorator] # Faust's types
        async def revoked(_: Any, places: Any = (), **__: Any) -> None:
            app.inflow.clear()
            for place in places:
                agent.forget((place.topic, place.partition))

    @contextlib.asynccontextmanager
    async def _running(self, app: App, agent: Agent, lane: Lane, publisher: Publisher) -> AsyncIterator[None]:
        """Run Faust; at the end deliver what was begun, acknowledge it, and only then stop."""
        async with faust_app_running(app, stop_timeout=STOP_S):
            yield
            self.state = "stopping"
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await lane.drain()
            await asyncio.to_thread(publisher.flush, 1.0)
            await asyncio.sleep(0)  # acknowledgements of what was delivered just now

    async def _watch(self, app: App, agent: Agent, lane: Lane, outbox: Outbox) -> int:
        """Tick and look until it is time to stop; 0: a signal came."""
        lag = LagReader(kafka_client_config(self.settings.kafka), self.settings.processor.group, self._packet_topics())
        watchdog = Watchdog(self.settings.processor.stuck_after_s)
        ticks = asyncio.create_task(self._tick(app, agent, lane, outbox))
        stop = asyncio.create_task(self._stop.wait())
        look = asyncio.create_task(self._look(app, agent, outbox, lag, watchdog))
        crash = asyncio.create_task(app.wait_until_stopped())
        try:
            await asyncio.wait([ticks, stop, look, crash], return_when=asyncio.FIRST_COMPLETED)
            for error in (ticks.exception() if ticks.done() else None, look.exception() if look.done() else None):
                if error is not None:
                    leave(error)
            return 0 if stop.done() else EXIT_BUG
        finally:
            for task in (ticks, stop, look, crash):
                task.cancel()
            await asyncio.gather(ticks, stop, look, crash, return_exceptions=True)
            await asyncio.to_thread(lag.close)

    async def _tick(self, app: App, agent: Agent, lane: Lane, outbox: Outbox) -> None:
        """Close the frames of silent links, let silent sources go, send again what failed."""
        processor = self.settings.processor
        close_after_s = processor.close_after_ms / 1000
        before = time.monotonic()
        retried = before
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            if app.inflow.live.records or now - before > TICK_LATE_S or lane.jobs:
                self.busy_at_s = now
            before = now
            if now - self.busy_at_s >= close_after_s:
                closed = agent.assembler.close_silent(now - close_after_s)
                closed += agent.release(now - processor.release_after_s, now - close_after_s)
                await agent.emit(closed)
            if outbox.is_waiting and lane.jobs == 0 and now - retried > RETRY_S:
                retried = now
                await lane.submit(outbox.retry, 0)

    async def _look(self, app: App, agent: Agent, outbox: Outbox, lag: LagReader, watchdog: Watchdog) -> None:
        """Leave the process when it is stuck."""
        self.state = "ok"
        while True:
            await asyncio.sleep(LOOK_S)
            found = await asyncio.to_thread(lag.committed_and_waiting)
            declared = outbox.is_waiting or agent.is_waiting
            done, waiting = found or (0, 0)
            sight = Sight(time.monotonic(), found is not None, waiting > 0, declared, (agent.taken, done))
            if watchdog.is_stuck(sight):
                leave(Unavailable(f"progress: {waiting} records wait and nothing moves, the worker", 0.0))
            self.state = "Kafka does not answer" if found is None else "ok"
            metrics.WAITING.set(declared)
            metrics.HELD.set(agent.held)
            metrics.STREAMS.set(agent.assembler.sources)
            metrics.INFLOW.set(app.inflow.live.bytes + app.inflow.backfill.bytes)


def _profiles() -> dict[str, Profile]:
    """Read the profiles that come with the installation, for the limits of the picture checks."""
    return {path.stem: load_profile(path) for path in sorted(bundled("profiles").glob("*.toml"))}


def _quiet() -> None:
    """Keep the lines of Faust and aiokafka out of the log: they name broker addresses, which belong to nobody's log."""
    for name in ("faust", "mode", "aiokafka", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = [_Handler()]
        logger.propagate = False
        logger.setLevel(logging.WARNING)


class _Handler(logging.Handler):
    """Passes on who spoke and the error's type, without the arguments that may hold addresses."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log a line of a library."""
        error = record.exc_info[1] if record.exc_info else None
        log.warning("library", logger=record.name, line=str(record.msg)[:120], error=type(error).__name__)
