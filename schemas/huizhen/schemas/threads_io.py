"""Threads that nobody need watch: one whose work raises takes the process with it, and the supervisor starts it again.

A thread that ended silently would leave a process that looks well and does half its work. See docs/adr/0002.
"""

import os
import sys
import threading
from collections.abc import Callable

import structlog

from huizhen.schemas.errors import Stuck

log = structlog.get_logger()
EXIT_BUG = 70  # EX_SOFTWARE of sysexits.h
EXIT_STUCK = 79  # the watchdog's own, above those of sysexits.h
Leave = Callable[[BaseException], None]


def leave(error: BaseException) -> None:
    """End the process now: nothing unwinds, nothing is acknowledged, the supervisor starts it again."""
    log.critical("leaving", error=type(error).__name__, detail=str(error), exc_info=error)
    sys.stderr.flush()
    os._exit(EXIT_STUCK if isinstance(error, Stuck) else EXIT_BUG)


def thread(name: str, work: Callable[[], object], leave: Leave = leave) -> threading.Thread:
    """Make a daemon thread, not started, that never ends unseen: what `work` raises goes to `leave`."""

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the outermost loop of every thread: a bug, leave
            leave(error)

    return threading.Thread(target=run, name=name, daemon=True)
