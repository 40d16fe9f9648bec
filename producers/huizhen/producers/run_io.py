"""One capture from its first frame to the archive's word: engines on threads, the station's ticks, an orderly end."""

import signal
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import FrameType

import structlog

from huizhen.producers.announce import Moment, announced
from huizhen.producers.coder import Coder
from huizhen.producers.engine import Engine
from huizhen.producers.options import Input, Options
from huizhen.producers.orders import Phase
from huizhen.producers.session_io import OpenSession
from huizhen.producers.station_io import Station
from huizhen.schemas.errors import BadInput, Unavailable
from huizhen.schemas.threads_io import thread

log = structlog.get_logger()
TICK_S = 0.02  # how late a deadline may be noticed where neither frame nor report comes
HEAD_START_S = 1.0  # for the announcement, so that the very first frames go live; without Kafka capture begins then
JOIN_S = 1.0  # a source that was closed ends its frames within this
STOP_S = 3.0  # on SIGTERM: what Kafka does not take within this stays in the journal; all is over in 5 s
UNPACED_HZ = 10.0  # taken as the rate of a source that has none
OK, FAILED, REFUSED, LEFT_BEHIND, CLIENT_GAVE_UP = 0, 1, 2, 3, 4


@dataclass(slots=True)
class Feed:
    """One source on its thread, and how it ended."""

    given: Input
    engine: Engine
    frames_max: int
    stop: threading.Event
    thread: threading.Thread = field(init=False)
    code: int = OK
    problem: str = ""

    def __post_init__(self) -> None:
        self.thread = thread(f"source-{self.given.id}", self._run)

    def _run(self) -> None:
        try:
            self._take_all()
        except Unavailable as error:
            self.code, self.problem = FAILED, f"source {self.given.id} is lost: {error.thing}"
        except BadInput as error:
            self.code, self.problem = REFUSED, str(error)
        except Exception:
            log.exception("source_failed", source=self.given.id)
            self.code, self.problem = FAILED, f"source {self.given.id} failed"
        finally:
            self.given.source.close()

    def _take_all(self) -> None:
        for taken, item in enumerate(self.given.source.frames(), 1):
            if self.stop.is_set():
                return
            self.engine.take(item)
            if taken == self.frames_max:
                return


class Stop:
    """Set by SIGTERM and SIGINT."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.at_s = 0.0

    def install(self) -> None:
        """Listen to the signals; only the main thread may."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.at_s = self.at_s or time.monotonic()
        self.event.set()

    @property
    def left_s(self) -> float:
        """Seconds left before everything must be over; endless where nobody asked to stop."""
        return self.at_s + STOP_S - time.monotonic() if self.event.is_set() else float("inf")


def capture(station: Station, inputs: list[Input], options: Options, stop: Stop) -> int:
    """Capture all inputs as one session; give the exit code."""
    session = station.open(options.session)
    feeds = [_feed(station, session, given, options, stop) for given in inputs]
    moment = Moment(time.time_ns(), station.settings.kafka.partitions, f"2.25.{uuid.uuid4().int}")
    session.announce(announced(session.sender, station.settings.station, inputs, options.exam, moment))
    station.start()
    log.info("capturing", session=session.name, epoch=int(session.sender.epoch), sources=[f.given.id for f in feeds])
    ready_by_s = time.monotonic() + HEAD_START_S
    while time.monotonic() < ready_by_s and not session.is_announced and not stop.event.is_set():
        station.tick()
        stop.event.wait(TICK_S)
    for feed in feeds:
        feed.thread.start()
    while not stop.event.is_set() and any(feed.thread.is_alive() for feed in feeds):
        _tick(station, session, feeds)
        if station.is_fatal:
            break
        stop.event.wait(TICK_S)
    return _end(station, session, feeds, options, stop)


def finish(station: Station, sessions: list[OpenSession], options: Options, stop: Stop) -> int:
    """Send what all sessions owe and seal them, wait for the archive's word on `sessions`; give the exit code."""
    flush_until_s = time.monotonic() + min(options.flush_timeout_s, stop.left_s)
    while time.monotonic() < flush_until_s and not _are_sealed(station) and not station.is_fatal:
        station.tick()
        if stop.event.wait(TICK_S):
            flush_until_s = min(flush_until_s, time.monotonic() + stop.left_s)
            time.sleep(TICK_S)
    if station.is_fatal:
        log.error("kafka_client_gave_up", way_out="start capture again: the journal has every frame")
        return CLIENT_GAVE_UP
    if not _are_sealed(station):
        return OK if stop.event.is_set() else LEFT_BEHIND
    stored_until_s = time.monotonic() + options.wait_stored_s
    while time.monotonic() < stored_until_s and not stop.event.is_set() and _are_open(station, sessions):
        station.tick()
        stop.event.wait(TICK_S)
    if _are_open(station, sessions):
        log.warning("not_stored_yet", way_out="the journal stays; the next start waits for the archive again")
    return OK


def _feed(station: Station, session: OpenSession, given: Input, options: Options, stop: Stop) -> Feed:
    workers = station.settings.station.workers
    coder = Coder(given.profile.tile, workers)
    if workers > 1:
        coder.map = ThreadPoolExecutor(workers, thread_name_prefix="code").map
    state = session.journal.state
    engine = Engine(
        source=given.id,
        sender=session.sender,
        profile=given.profile,
        coder=coder,
        outlet=session,
        now_ns=time.time_ns,
        seconds=time.perf_counter,
        next_number=state.source(given.id).next_number,
        declared={number: event for (source, number), event in state.geometries.items() if source == given.id},
    )
    if station.live is not None:
        station.live.add(given.id, key_interval_ns(given))
    return Feed(given, engine, options.frames, stop.event)


def key_interval_ns(given: Input) -> int:
    """Give after how long the next frame is a key frame, so that they are at most the profile's interval apart."""
    period_s = 1 / given.source.description.rate_hz if given.source.description.rate_hz > 0 else 0.0
    return int(max(0.0, given.profile.key_frame_interval_s - period_s) * 1e9)


def _tick(station: Station, session: OpenSession, feeds: list[Feed]) -> None:
    running = [feed.given for feed in feeds if feed.thread.is_alive()]
    station.live_rate_hz = sum(given.source.description.rate_hz or UNPACED_HZ for given in running)
    lost = any(feed.code == FAILED for feed in feeds)
    session.alarm = "source_lost" if lost else ""
    station.tick()


def _end(station: Station, session: OpenSession, feeds: list[Feed], options: Options, stop: Stop) -> int:
    for feed in feeds:
        feed.given.source.close()
    for feed in feeds:
        feed.thread.join(JOIN_S)
        if feed.problem:
            log.error("source_ended", source=feed.given.id, problem=feed.problem)
    _tick(station, session, feeds)
    station.live_rate_hz = 0.0
    session.end()
    code = finish(station, [session], options, stop)
    return code or max(feed.code for feed in feeds)


def _are_sealed(station: Station) -> bool:
    return all(phase is Phase.SEALED for phase in station.phases().values())


def _are_open(station: Station, sessions: list[OpenSession]) -> bool:
    there = station.phases()
    return any(session.name in there for session in sessions)
