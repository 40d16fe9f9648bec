"""One part of the line as a process that a test may kill, freeze and see."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import httpx
import psutil

from huizhen.cli.ports_io import free_ports
from tests.faults.services.child import be, be_cold
from tests.services.forked import Forked
from tests.services.ports import CLAIMS
from tests.services.waiting import wait_for

GRACE_S = 180.0  # parts end in 5 s; machines that run tests are busy
DIED_S = 180.0


class Part:
    """Start, kill, freeze and end one process, which has its folder to itself.

    Where it may not be down, `tend` starts it again as a supervisor does. A cold start imports everything anew, as a
    supervisor's does; else the process is forked with its imports done, which costs no time.
    """

    def __init__(self, name: str, folder: Path, env: Mapping[str, str], is_cold: bool) -> None:
        self.name = name
        self._is_cold = is_cold
        self.folder = folder
        self.log = folder / f"{name}.log"
        self.starts = 0
        self.peak_bytes = 0
        """The most memory that `tend` saw it have"""
        self.may_be_down = False
        (port,) = free_ports(1, CLAIMS)
        self.url = f"http://127.0.0.1:{port}"
        self._env = {
            **os.environ,
            **env,
            "HUIZHEN_METRICS_PORT": str(port),
            "HUIZHEN_STATE": str(folder / "state"),
            "HUIZHEN_CONFIG": str(folder / "none.toml"),
            "HUIZHEN_TEST_FOLDER": str(folder),
        }
        self._child: Forked | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> "Part":
        """Start it; it serves some seconds later."""
        self.may_be_down = False
        self.starts += 1
        program = be_cold if self._is_cold else be
        self._child = Forked(program, self.name.partition("-")[0], env=self._env, out=self.log)
        return self

    def tend(self) -> None:
        """Start it again where it ended by itself."""
        if self._child is not None and not self.may_be_down and self._child.poll() is not None:
            self.start()
        elif self.is_running:
            self.peak_bytes = max(self.peak_bytes, self.rss_bytes)

    def use_state(self, state: Path | None) -> None:
        """Keep its state elsewhere from its next start on; None: where it was."""
        self._env["HUIZHEN_STATE"] = str(state or self.folder / "state")

    @property
    def most_bytes(self) -> int:
        """The most memory that it ever had, of those of its processes that were seen."""
        status = Path(f"/proc/{self.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        high = [int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:")]
        return max(self.peak_bytes, *high) if high else self.peak_bytes

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
        self._child.kill()
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
        self._child.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        assert self._child is not None
        self._child.send_signal(signal.SIGCONT)

    def stop(self) -> int:
        """End it as a supervisor does; gives the exit code."""
        assert self._child is not None
        self.may_be_down = True
        self._child.send_signal(signal.SIGCONT)
        self._child.send_signal(signal.SIGTERM)
        return self._child.wait(GRACE_S)

    def end(self) -> None:
        """Leave nothing running."""
        self.may_be_down = True
        if self._child is not None:
            self._child.kill()
            self._child.wait(DIED_S)

    def figure(self, name: str) -> float:
        """Read one sample of its metrics, labels and all as they stand there; 0 where it is not (yet) said."""
        try:
            text = httpx.get(self.url + "/metrics", timeout=5).text
        except httpx.HTTPError:
            return 0.0
        lines = (line.rsplit(" ", 1) for line in text.splitlines() if line.startswith(name))
        return sum(float(value) for label, value in lines if label == name)

    def wait_until_it_serves(self, deadline_s: float = 300.0) -> "Part":
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
