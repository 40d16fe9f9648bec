"""Run one worker: `run(settings)`."""

import asyncio

import structlog

from huizhen.processors.agent import EXIT_BUG
from huizhen.processors.worker_io import Worker
from huizhen.schemas import logs
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.settings import Settings

log = structlog.get_logger()
EXIT_UNAVAILABLE = 75  # EX_TEMPFAIL of sysexits.h: start again


def run(settings: Settings) -> int:
    """Process packets until SIGTERM or SIGINT; returns 0 then, and not 0 where the worker had to give up."""
    logs.configure("processors", settings.log_level)
    try:
        return asyncio.run(Worker(settings).run())
    except Unavailable as error:
        log.error("gave_up", error=str(error))
        return EXIT_UNAVAILABLE
    except Exception as error:
        log.critical("gave_up", error=type(error).__name__, exc_info=error)
        return EXIT_BUG
