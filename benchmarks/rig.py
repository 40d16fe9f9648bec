"""A whole deployment for measuring: `huizhen up` in a folder of its own, stations, viewers, and what they cost."""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from huizhen.cli import runstate_io
from huizhen.cli.runstate import RunState
from huizhen.cli.secrets_io import issuer_key, s3_keys
from huizhen.cli.signin_io import sign_in_code
from huizhen.cli.viewer_io import Person, Seen
from huizhen.schemas.percentile import percentile as seen_percentile

START_S = 120.0
END_S = 20.0
TENANT = "clinic"
HUIZHEN = (sys.executable, "-m", "huizhen.cli")


def machine() -> str:
    """Say what the figures were measured on."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} × {cpu.group(1) if cpu else '?'}, {psutil.virtual_memory().total >> 30} GiB"


def percentile(values: list[float], share: float) -> float:
    """Give a percentile (0 to 1) of a list; NaN of an empty one."""
    found = seen_percentile(values, share)
    return float("nan") if found is None else found


@dataclass
class Rig:
    """A running deployment."""

    state: Path
    run: RunState
    memory: dict[str, int] = field(default_factory=dict)

    def person(self) -> Person:
        """Sign somebody in."""
        return Person(self.run.page, sign_in_code(issuer_key(self.state), TENANT, time.time()))

    def station(self, *arguments: str, **settings: str) -> "subprocess.Popen[bytes]":
        """Start a capture station; `settings` become environment variables (`HUIZHEN_…`)."""
        env = {**os.environ, "HUIZHEN_STATE": str(self.state), **settings}
        return subprocess.Popen(
            [*HUIZHEN, "--state", str(self.state), "capture", *arguments],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=(self.state / "logs" / "bench-capture.log").open("ab"),
        )

    def own_station(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start a station that is a script of ours, told how to reach this deployment."""
        access, secret = s3_keys(self.state)
        env = {
            **os.environ,
            "HUIZHEN_STATE": str(self.state),
            "HUIZHEN_KAFKA__BOOTSTRAP": self.run.kafka,
            "HUIZHEN_S3__ENDPOINT": self.run.s3,
            "HUIZHEN_S3__ACCESS_KEY": access.get_secret_value(),
            "HUIZHEN_S3__SECRET_KEY": secret.get_secret_value(),
            "HUIZHEN_STATION__STATION": f"station-{time.time_ns() % 10**9}",
        }
        log = (self.state / "logs" / "bench-station.log").open("ab")
        return subprocess.Popen([sys.executable, *command], env=env, stdout=log, stderr=log)

    def stored(self, person: Person, sessions: list[str]) -> int:
        """Count the frames that the ledger calls stored, over some sessions."""
        found = [person.get(f"/v1/sessions/{session}") for session in sessions]
        return sum(source["counts"]["stored"] for session in found for source in session["sources"])

    def sample_memory(self) -> None:
        """Remember the largest resident size of each part so far."""
        for part in runstate_io.running(self.state).parts:  # type: ignore[union-attr] # it runs
            with contextlib.suppress(psutil.Error):
                if part.pid:
                    family = [psutil.Process(part.pid), *psutil.Process(part.pid).children(recursive=True)]
                    size = sum(process.memory_info().rss for process in family)
                    self.memory[part.name] = max(self.memory.get(part.name, 0), size)

    def cpu_s(self) -> dict[str, float]:
        """Give the CPU seconds that each part and this process have used so far, children included."""
        used = {"viewers": sum(psutil.Process().cpu_times()[:2])}
        for part in runstate_io.running(self.state).parts:  # type: ignore[union-attr] # it runs
            with contextlib.suppress(psutil.Error):
                if part.pid:
                    family = [psutil.Process(part.pid), *psutil.Process(part.pid).children(recursive=True)]
                    used[part.name] = sum(sum(process.cpu_times()[:2]) for process in family)
        return used

    def metrics(self, part: str) -> dict[str, float]:
        """Scrape a part's metrics: name{labels} → value."""
        import httpx

        found = next(one for one in runstate_io.running(self.state).parts if one.name == part)  # type: ignore[union-attr]
        text = httpx.get(f"http://{found.address}/metrics", timeout=5).text
        pairs = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in pairs}


@contextlib.contextmanager
def deployment(**settings: str) -> Iterator[Rig]:
    """Run `huizhen up` until the block ends."""
    with tempfile.TemporaryDirectory(prefix="huizhen-bench-") as folder:
        state = Path(folder)
        env = {**os.environ, **settings}
        log = (state / "up.log").open("wb")
        process = subprocess.Popen([*HUIZHEN, "--state", folder, "up"], env=env, stdout=log, stderr=log)
        try:
            run = _wait_until_well(process, state)
            yield Rig(state, run)
        finally:
            process.terminate()
            process.wait(END_S)


def _wait_until_well(process: "subprocess.Popen[bytes]", state: Path) -> RunState:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        run = runstate_io.running(state)
        if run is not None and run.all_well:
            return run
        time.sleep(0.1)
    raise RuntimeError(f"huizhen up did not come up: {(state / 'up.log').read_text()[-2000:]}")


def wait_for_session(person: Person, session: str, timeout_s: float = 30.0) -> dict[str, Any]:
    """Wait until the api knows a session with frames."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        for item in person.get("/v1/sessions?limit=200")["items"]:
            if item["session"] == session and item["state"] in ("live", "draining", "sealed"):
                return dict(item)
        time.sleep(0.1)
    raise TimeoutError(f"session {session} never became live")


def watch(person: Person, session: str, seconds: float) -> list[Seen]:
    """Collect what reaches a viewer for some seconds; streams are let go, headers are kept."""
    viewer = person.watch(session)
    seen: list[Seen] = []
    end = time.monotonic() + seconds
    try:
        for picture in viewer.pictures(silence_s=10):
            seen.append(Seen(picture.header, b"", picture.arrived_ns))
            if time.monotonic() > end:
                break
    finally:
        viewer.close()
    return seen


def as_json(row: dict[str, Any]) -> str:
    """Print a row as one line."""
    return json.dumps({name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()})
