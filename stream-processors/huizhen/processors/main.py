"""Run one worker: `run(settings)`."""

import asyncio
import os
import sys

import structlog
import uvloop

from huizhen.processors.memory import share_arenas
from huizhen.processors.worker_io import Worker
from huizhen.schemas import logs
from huizhen.schemas.errors import BadProfile, Unavailable
from huizhen.schemas.garbage import collect_rarely
from huizhen.schemas.profile_io import load_profiles
from huizhen.schemas.settings import Settings
from huizhen.schemas.threads_io import EXIT_BUG

log = structlog.get_logger()
SWITCH_S = 0.001  # the event loop waits this long for the lane's Python at most; 5 ms is a frame's whole latency
EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h: a person must mend it
EXIT_UNAVAILABLE = 75  # EX_TEMPFAIL of sysexits.h: start again


def run(settings: Settings) -> int:
    """Process packets until SIGTERM or SIGINT; returns 0 then, and not 0 where the worker had to give up."""
    logs.configure("processors", settings.log_level)
    try:
        profiles = load_profiles(settings.processor.profiles)
    except BadProfile as error:
        log.critical("gave_up", error=str(error))
        return EXIT_CONFIG
    share_arenas()
    collect_rarely()
    sys.setswitchinterval(SWITCH_S)
    worker = Worker(settings, profiles)
    try:
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # Faust makes a second loop, on a thread, by it
        code = asyncio.run(worker.run())
        if worker.hangs:  # everything was delivered and acknowledged before, or is read again
            sys.stderr.flush()
            os._exit(code)
        return code
    except Unavailable as error:
        log.error("gave_up", error=str(error))
        return EXIT_UNAVAILABLE
    except Exception as error:
        log.critical("gave_up", error=type(error).__name__, exc_info=error)
        return EXIT_BUG
