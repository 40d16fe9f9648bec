"""One worker process: readers, publisher, agents, ticks, watchdog and health, each started and ended here."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from faust.contrib.asgi import bind_to_running_loop

from huizhen.processors import metrics
from huizhen.processors.agent import Agent
from huizhen.processors.answers import Answers
from huizhen.processors.app import build, folder_of, topics_of
from huizhen.processors.lag_io import LagReader, check_topics
from huizhen.processors.lane import Lane
from huizhen.processors.library_logs import quiet_libraries
from huizhen.processors.mailbox import Mailbox
from huizhen.processors.memory import give_back
from huizhen.processors.outbox import RETRY_S, Outbox
from huizhen.processors.sessions_io import SessionsReader
from huizhen.processors.step import Assembler, Partition
from huizhen.processors.studio import ProfileKey, Studio
from huizhen.processors.transport import App, end_of
from huizhen.schemas.errors import Stuck, Unavailable
from huizhen.schemas.health_io import HealthServer
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.profile import Profile
from huizhen.schemas.routing import Record
from huizhen.schemas.settings import Settings, kafka_client_config
from huizhen.schemas.threads_io import leave
from huizhen.schemas.topics import Topic, name_of
from huizhen.schemas.watchdog import Sight, Watchdog

log = structlog.get_logger()
TICK_S = 0.02  # how exactly the 100 ms of a silent link are kept
TICK_LATE_S = 0.06  # a tick this late means that the loop was busy: no source is judged silent by it
LOOK_S = 1.0  # between looks of the watchdog
START_RETRY_S = 2.0  # between tries while the broker is away at start
OUTBOX_BYTES_MAX = 17 << 20  # the largest record and its headers; held twice, by the client and for another try
JOIN_S = 30.0  # joining the group the first time may take this long before the watchdog looks
DRAIN_S = 0.5  # of the five seconds that a SIGTERM may take: for frames in the lane, and for deliveries
STOP_S = 2.5  # for Faust
PART = "processors"


@dataclass(slots=True)
class Worker:
    """A worker from start to end."""

    settings: Settings
    profiles: Mapping[ProfileKey, Profile]
    """By id and version, for the limits of the picture checks"""
    state: str = "starting"
    """What /healthz says: ok, or one line"""
    is_assigned: bool = False
    """Whether the group has given it partitions once"""
    places: frozenset[Partition] = frozenset()
    """Its partitions"""
    answers: Answers = field(default_factory=Answers)
    hangs: bool = False
    """Whether Faust did not stop in time: its thread would keep the process from ending"""
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> int:
        """Work until a signal or until it must give up; returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        quiet_libraries()
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
        wanted += [*topics_of(self.settings, Topic.REJECTED), name_of(Topic.FRAMES), name_of(Topic.VERDICTS)]
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

    async def _serve(self) -> int:
        config = kafka_client_config(self.settings.kafka)
        reader = SessionsReader(config, topics_of(self.settings, Topic.SESSIONS))
        publisher = Publisher(config, OUTBOX_BYTES_MAX)
        outbox = Outbox(publisher, leave)
        mailbox = Mailbox()
        lane = Lane(mailbox, leave)
        folder_of(self.settings).mkdir(parents=True, exist_ok=True)  # Faust makes the last folder only

        async def live(message: Any) -> None:
            await agent.take(message)

        async def late(message: Any) -> None:
            await agent.take_late(message)

        app = build(self.settings, live, late)
        agent = Agent(
            Assembler(reader.sessions),
            Studio(reader.sessions, self.profiles, self.settings.processor.fill),
            mailbox,
            lane,
            outbox,
            reader.catch_up,
            acknowledge=lambda message: message.ack(app.consumer),
            generation=lambda: app.consumer_generation_id,
            end_of=lambda place: end_of(app, *place),
            live_waits=lambda: app.inflow.live.records > 0,
            tell=lambda record: _tell(publisher, record),
        )
        mailbox.after = agent.acknowledge_free
        self._follow_partitions(app, agent)
        await reader.catch_up()
        bind_to_running_loop(app)
        try:
            await app.maybe_start()
            return await self._watch(app, agent, lane, outbox)
        finally:
            await self._end(app, agent, lane, publisher)
            outbox.stop()
            lane.close()
            publisher.close(DRAIN_S)
            reader.close()

    def _follow_partitions(self, app: App, agent: Agent) -> None:
        @app.on_partitions_revoked.connect(weak=False)  # type: ignore[untyped-decorator] # Faust's types
        async def revoked(_: Any, places: Any = (), **__: Any) -> None:
            app.inflow.clear()
            self.places = frozenset()
            for place in places:
                agent.forget((place.topic, place.partition))

        @app.on_partitions_assigned.connect(weak=False)  # type: ignore[untyped-decorator] # Faust's types
        async def assigned(_: Any, places: Any = (), **__: Any) -> None:
            self.is_assigned = True
            self.places = frozenset((place.topic, place.partition) for place in places)
            log.info("assigned", partitions=len(places))

    async def _end(self, app: App, agent: Agent, lane: Lane, publisher: Publisher) -> None:
        """Deliver what was begun, acknowledge it, and only then stop Faust, each in bounded time."""
        self.state = "stopping"
        agent.is_stopping = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(lane.drain(), DRAIN_S)
        await asyncio.to_thread(publisher.flush, DRAIN_S)
        await asyncio.sleep(0)  # acknowledgements of what was delivered just now
        try:
            await asyncio.wait_for(app.stop(), STOP_S)
        except TimeoutError:
            log.warning("faust_did_not_stop", waited_s=STOP_S)
            self.hangs = True

    async def _watch(self, app: App, agent: Agent, lane: Lane, outbox: Outbox) -> int:
        """Tick and look until it is time to stop; 0: a signal came."""
        lag = LagReader(kafka_client_config(self.settings.kafka), self.settings.processor.group, self._packet_topics())
        ticks = asyncio.create_task(self._tick(agent, lane, outbox))
        stop = asyncio.create_task(self._stop.wait())
        look = asyncio.create_task(self._look(app, agent, outbox, lag))
        crash = asyncio.create_task(app.wait_until_stopped())
        try:
            await asyncio.wait([ticks, stop, look, crash], return_when=asyncio.FIRST_COMPLETED)
            for error in (ticks.exception() if ticks.done() else None, look.exception() if look.done() else None):
                if error is not None:
                    leave(error)
            if not stop.done():  # its threads may hang, and would keep a process alive that reads nothing
                leave(Stuck("Faust ended by itself"))
            return 0
        finally:
            for task in (ticks, stop, look, crash):
                task.cancel()
            await asyncio.gather(ticks, stop, look, crash, return_exceptions=True)
            await asyncio.to_thread(lag.close)

    async def _tick(self, agent: Agent, lane: Lane, outbox: Outbox) -> None:
        """Look for silent sources, and send again what failed."""
        processor = self.settings.processor
        before = retried = time.monotonic()
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            if now - before < TICK_LATE_S:
                known_until_s = self.answers.known_until_s(processor.release_after_s)
                await agent.look_for_silence(processor.close_after_ms / 1000, processor.release_after_s, known_until_s)
            before = time.monotonic()
            if outbox.is_waiting and lane.jobs == 0 and now - retried > RETRY_S:
                retried = now
                await lane.submit(outbox.retry, 0)

    async def _look(self, app: App, agent: Agent, outbox: Outbox, lag: LagReader) -> None:
        """Leave the process when it is stuck."""
        watchdog = Watchdog(self.settings.processor.stuck_after_s)
        joins_until_s = time.monotonic() + JOIN_S
        was_waiting = False
        while True:
            await asyncio.sleep(LOOK_S)
            began_s = time.monotonic()
            found = await asyncio.to_thread(lag.committed_and_waiting, self.places)
            self.answers.looked(began_s, answered=found is not None)
            is_joining = not self.is_assigned and time.monotonic() < joins_until_s
            declared = outbox.is_waiting or agent.is_waiting or is_joining
            done, waiting = found or (0, 0)
            sight = Sight(time.monotonic(), found is not None, waiting > 0, declared, (agent.taken, done))
            if watchdog.is_stuck(sight):
                leave(Stuck(f"{waiting} records wait, nothing moved for {self.settings.processor.stuck_after_s:g} s"))
            self.state = "Kafka does not answer" if found is None else "joining the group" if is_joining else "ok"
            metrics.WAITING.set(declared)
            if outbox.is_waiting and not was_waiting:
                log.warning("waiting", what="deliveries", topics=outbox.waits_for)
            was_waiting = outbox.is_waiting
            if found is not None and not waiting:
                metrics.LAG.set(0)
            give_back()
            metrics.HELD.set(agent.held)
            metrics.STREAMS.set(agent.assembler.sources)
            metrics.INFLOW.set(app.inflow.live.bytes + app.inflow.backfill.bytes)


def _tell(publisher: Publisher, record: Record) -> None:
    """Send what will be said again if it is lost."""
    with contextlib.suppress(Unavailable, KafkaException):
        publisher.send(record)
