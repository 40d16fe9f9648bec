"""A running `huizhen up` with the real Kafka and S3 and stand-ins for our own parts."""

import os
import signal
import subprocess
from pathlib import Path

import psutil

from huizhen.cli import runstate_io
from huizhen.cli.runstate import PartState, RunState
from tests.services import up_with_standins
from tests.services.forked import Forked, huizhen
from tests.services.waiting import wait_for

START_S = 90.0


class Up:
    """One run; its folder may have been used by an earlier one."""

    def __init__(self, folder: Path, env: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.env = {**os.environ, "HUIZHEN_STATE": str(folder), **(env or {})}
        self.out = folder.with_suffix(".out")
        self.out.unlink(missing_ok=True)
        self.process = Forked(up_with_standins.main, env=self.env, out=self.out)

    @property
    def said(self) -> str:
        return self.out.read_text()

    def state(self) -> RunState:
        state = runstate_io.read(self.folder)
        assert state is not None
        return state

    def part(self, name: str) -> PartState:
        return next(part for part in self.state().parts if part.name == name)

    def wait_until_well(self) -> "Up":
        def well() -> bool:
            assert self.process.poll() is None, self.said
            return "ALL WELL" in self.said

        wait_for(well, START_S, "all parts are well")
        return self

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        return huizhen(*words, env=self.env)

    def family(self) -> list[psutil.Process]:
        found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return found

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
