"""`huizhen up` as a function: hold the state folder, deploy, supervise, write down how it stands."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from huizhen.cli import runstate_io, secrets_io
from huizhen.cli.deployment_io import Deployment, deploy
from huizhen.cli.environment import connection_env
from huizhen.cli.lifecycle import Patience
from huizhen.cli.part import Part
from huizhen.cli.ports_io import Claims
from huizhen.cli.runstate import PartState, RunState
from huizhen.cli.supervisor_io import Supervisor
from huizhen.schemas.errors import HuizhenError
from huizhen.schemas.settings import Settings

Say = Callable[[str], None]
Attend = Callable[[Deployment], int]
"""Runs in its own thread once all parts are well; when it returns, everything ends with its exit code"""
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Guests:
    """What a caller adds to `up`."""

    parts: Callable[[Deployment], tuple[Part, ...]] = lambda deployment: ()
    replace_parts: bool = False
    """The parts above are all parts, instead of added to the usual ones"""
    welcome: Callable[[Deployment], str] = lambda deployment: f"The page: {deployment.page}"
    attend: Attend | None = None
    patience: Patience = field(default_factory=Patience)


def run_up(settings: Settings, say: Say, guests: Guests | None = None) -> int:
    """Run everything until it is told to stop; raises Taken when another `up` holds the folder, Problem."""
    folder = settings.state.expanduser().absolute()
    with runstate_io.held(folder), closing(Claims()) as claims:
        runstate_io.write(folder, _myself(notice="preparing"))  # `down` must find us while Maven fetches jars
        try:
            deployment = deploy(settings, say, claims)
            secrets_io.keep_connection(folder, connection_env(deployment.settings, secret=True))
            return _Run(deployment, say, guests or Guests()).run()
        finally:
            secrets_io.forget_connection(folder)
            runstate_io.forget(folder)


def _myself(**fields: Any) -> RunState:
    at_s = runstate_io.created_at_s(os.getpid()) or time.time()
    return RunState(**{"pid": os.getpid(), "started_at_s": at_s, "page": "", "kafka": "", "s3": "", **fields})


def already(settings: Settings) -> RunState | None:
    """Give the state of the `up` that runs in the state folder, if one does."""
    return runstate_io.running(settings.state.expanduser().absolute())


class _Run:
    """One run of `up`, from deployed to ended."""

    def __init__(self, deployment: Deployment, say: Say, guests: Guests) -> None:
        self._deployment, self._say, self._guests = deployment, say, guests
        self._folder: Path = deployment.settings.state
        self._stop = threading.Event()
        self._welcomed = False
        self._exit_code = 0
        self._visitor: threading.Thread | None = None

    def run(self) -> int:
        added = self._guests.parts(self._deployment)
        parts = added if self._guests.replace_parts else (*self._deployment.parts, *added)
        supervisor = Supervisor(
            parts,
            self._folder,
            self._say,
            self._changed,
            patience=self._guests.patience,
            disk_min_free_bytes=self._deployment.settings.disk_min_free_bytes,
        )
        self._changed((), "")
        with _ended_by_signals(self._stop):
            supervisor.run(self._stop)
        return self._exit_code

    def _changed(self, parts: tuple[PartState, ...], notice: str) -> None:
        at, page = self._deployment.settings, self._deployment.page
        reached = {"kafka": at.kafka.bootstrap, "s3": at.s3.endpoint, "connection": connection_env(at, secret=False)}
        state = _myself(page=page, parts=parts, notice=notice, **reached)
        runstate_io.write(self._folder, state)
        if state.all_well and not self._welcomed:
            self._welcomed = True
            self._say(self._guests.welcome(self._deployment))
            if self._guests.attend is not None:
                self._visitor = threading.Thread(target=self._attend, args=(self._guests.attend,), daemon=True)
                self._visitor.start()

    def _attend(self, attend: Attend) -> None:
        try:
            self._exit_code = 1  # unless it comes to an end
            self._exit_code = attend(self._deployment)
        except HuizhenError as error:
            self._say(f"huizhen: {error}")
        finally:
            self._stop.set()


@contextmanager
def _ended_by_signals(stop: threading.Event) -> Iterator[None]:
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
