"""Run one worker: `run(settings)`."""

import asyncio

from huizhen.processors.worker_io import Worker
from huizhen.schemas import logs
from huizhen.schemas.settings import Settings


def run(settings: Settings) -> int:
    """Process packets until SIGTERM or SIGINT; returns 0 then, and not 0 where the worker had to give up."""
    logs.configure("processors", settings.log_level)
    return asyncio.run(Worker(settings).run())
