"""Capture as a process: settings in, exit code out."""

import sys
from collections.abc import Callable

import structlog

from huizhen.producers.item import ItemSource
from huizhen.producers.options import Input, Options
from huizhen.producers.run_io import FAILED, REFUSED, Stop, capture, finish
from huizhen.producers.station_io import Station
from huizhen.schemas import logs
from huizhen.schemas.errors import Refused, Unavailable
from huizhen.schemas.health_io import HealthServer
from huizhen.schemas.settings import Settings

log = structlog.get_logger()
CLOSE_S = 0.5  # for what is still in the Kafka clients: it is in the journal too
SWITCH_S = 0.001  # the Kafka thread gets its turn within this while an engine runs Python


def run(settings: Settings, source: ItemSource, options: Options) -> int:
    """Capture a source (and `options.others`) as one session, until it ends or SIGTERM comes; give the exit code.

    0: Kafka has all of it; 1: a source was lost; 2: refused, for example by the profile; 3: Kafka did not take
    everything in time, the rest waits in the journal; 4: the Kafka client gave up.
    """
    inputs = [Input(options.source_id, source, options.profile), *options.others]

    def work(station: Station, stop: Stop) -> int:
        if options.recover:
            station.recover()
        return capture(station, inputs, options, stop)

    return _run(settings, work)


def recover(settings: Settings, options: Options) -> int:
    """Publish and seal what earlier sessions left in the journal, then wait for the archive; give the exit code."""

    def work(station: Station, stop: Stop) -> int:
        sessions = station.recover()
        station.start()
        log.info("recovering", sessions=len(sessions))
        return finish(station, sessions, options, stop)

    return _run(settings, work)


def _run(settings: Settings, work: Callable[[Station, Stop], int]) -> int:
    logs.configure("capture", settings.log_level)
    sys.setswitchinterval(SWITCH_S)
    stop = Stop()
    stop.install()
    station = Station(settings)
    health = HealthServer(settings.metrics_host, settings.metrics_port, station.checks)
    log.info("serving", metrics_port=health.port)
    try:
        code = work(station, stop)
    except Unavailable as error:
        log.error("cannot_capture", problem=error.thing)
        code = FAILED
    except Refused as error:
        log.error("cannot_capture", problem=error.what)
        code = REFUSED
    finally:
        health.close()
        owed = station.close(CLOSE_S)
    log.info("capture_ended", code=code, frames_left_in_journal=owed)
    return code
