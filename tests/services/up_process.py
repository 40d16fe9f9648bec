"""A running `huizhen up` with the real Kafka and S3 and stand-ins for our own parts."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from huizhen.cli import runstate_io
from huizhen.cli.runstate import PartState, RunState
from tests.services.waiting import wait_for

UP = [sys.executable, "-m", "tests.services.up_with_standins"]
CLI = [sys.executable, "-m", "huizhen.cli"]
START_S = 90.0


class Up:
    """One run; its folder may have been used by an earlier one."""

    def __init__(self, folder: Path, env: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.env = {**os.environ, "HUIZHEN_STATE": str(folder), **(env or {})}
        self.out = folder.with_suffix(".out")
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(UP, stdout=out, stderr=subprocess.STDOUT, env=self.env)

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

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*CLI, *arguments], capture_output=True, text=True, env=self.env, timeout=60, check=False)

    def family(self) -> list[psutil.Process]:
        found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return found

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
