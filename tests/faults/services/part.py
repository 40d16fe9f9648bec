"""One part of the line as a process that a test may kill, freeze and see."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import psutil

from huizhen.cli.child_io import signal_group, spawn, stop
from huizhen.cli.ports_io import free_ports
from tests.services.ports import CLAIMS
from tests.services.waiting import wait_for

CHILD = (sys.executable, "-m", "tests.faults.services.child")
GRACE_S = 30.0  # parts end in 5 s; machines that run tests are busy
DIED_S = 20.0


class Part:
    """Start, kill, freeze and end one process, which has its folder to itself.

    Where it may not be down, `tend` starts it again as a supervisor does.
    """

    def __init__(self, name: str, folder: Path, env: Mapping[str, str]) -> None:
        self.name = name
        self.folder = folder
        self.log = folder / f"{name}.log"
        self.starts = 0
        self.peak_bytes = 0
        """The most memory that `tend` saw it have"""
        self.may_be_down = False
        (port,) = free_ports(1, CLAIMS)
        self.url = f"http://127.0.0.1:{port}"
        self._env = {
            **env,
            "HUIZHEN_METRICS_PORT": str(port),
            "HUIZHEN_STATE": str(folder / "state"),
            "HUIZHEN_CONFIG": str(folder / "none.toml"),
            "HUIZHEN_TEST_FOLDER": str(folder),
        }
        self._child: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> "Part":
        """Start it; it serves some seconds later."""
        self.may_be_down = False
        self.starts += 1
        self._child = spawn([*CHILD, self.name.partition("-")[0]], self.log, self._env)
        return self

    def tend(self) -> None:
        """Start it again where it ended by itself."""
        if self._child is not None and not self.may_be_down and self._child.poll() is not None:
            self.start()
        elif self.is_running:
            self.peak_bytes = max(self.peak_bytes, self.rss_bytes)

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._child is not None, f"{self.name} was never started"
        return self._child.pid

    @property
    def is_running(self) -> bool:
        """Say whether its process is there."""
        return self._child is not None and self._child.poll() is None

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return None if self._child is None else self._child.poll()

    @property
    def rss_bytes(self) -> int:
        """Its memory, 0 where it does not run."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.NoSuchProcess:
            return 0

    def kill(self) -> None:
        """Kill -9."""
        assert self._child is not None
        signal_group(self._child, signal.SIGKILL)
        self._child.wait(DIED_S)

    def kill_at(self, hook: str, after: int) -> None:
        """Have it kill itself when it comes to a hook for the `after`-th time from now on."""
        pending = self.folder / ".die"
        pending.write_text(f"{hook} {after}")
        pending.rename(self.folder / "die")

    @property
    def is_to_die(self) -> bool:
        """Say whether a kill at a hook is still due."""
        return (self.folder / "die").exists()

    def pause(self) -> None:
        """Freeze it (SIGSTOP)."""
        assert self._child is not None
        signal_group(self._child, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        assert self._child is not None
        signal_group(self._child, signal.SIGCONT)

    def stop(self) -> int:
        """End it as a supervisor does; gives the exit code."""
        assert self._child is not None
        self.may_be_down = True
        signal_group(self._child, signal.SIGCONT)
        return stop(self._child, GRACE_S)

    def end(self) -> None:
        """Leave nothing running."""
        self.may_be_down = True
        if self._child is not None:
            stop(self._child, 0.0)

    def figure(self, name: str) -> float:
        """Read one sample of its metrics, labels and all as they stand there; 0 where it is not (yet) said."""
        try:
            text = httpx.get(self.url + "/metrics", timeout=5).text
        except httpx.HTTPError:
            return 0.0
        lines = (line.rsplit(" ", 1) for line in text.splitlines() if line.startswith(name))
        return sum(float(value) for label, value in lines if label == name)

    def wait_until_it_serves(self, deadline_s: float = 60.0) -> "Part":
        """Wait until its health port answers."""

        def serves() -> bool:
            assert self.is_running, f"{self.name} ended: {self.log.read_text()[-2000:]}"
            try:
                httpx.get(self.url + "/healthz", timeout=5)
            except httpx.HTTPError:
                return False
            return True

        wait_for(serves, deadline_s, f"{self.name} serves; its log is {self.log}")
        return self
