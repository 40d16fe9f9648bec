"""The supervisor with small processes and checks that are told what to say."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from huizhen.cli import disk_io, supervisor_io
from huizhen.cli.lifecycle import Patience, Phase
from huizhen.cli.part import Part
from huizhen.cli.problem import Problem
from huizhen.cli.runstate import PartState
from huizhen.cli.supervisor_io import Supervisor
from huizhen.schemas.errors import Unavailable
from tests.services.waiting import wait_for

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")
SOON = Patience(start_s=5.0, ailing_s=0.3, first_wait_s=0.05, longest_wait_s=0.2)


class Health:
    """A check that says what it is told."""

    def __init__(self) -> None:
        self.well = True

    def __call__(self) -> None:
        if not self.well:
            raise Unavailable("the thing")


class House:
    """A supervisor in its own thread: the leash of a child watches that thread, which lives as long as the children."""

    def __init__(self, folder: Path, *parts: Part, disk_min_free_bytes: int = 0) -> None:
        self.said: list[str] = []
        self.states: dict[str, PartState] = {}
        self.notice = ""
        self.stop = threading.Event()
        self.supervisor = Supervisor(
            parts, folder, self.said.append, self.changed, patience=SOON, disk_min_free_bytes=disk_min_free_bytes
        )
        self.thread = threading.Thread(target=self.supervisor.run, args=(self.stop,))
        self.thread.start()

    def changed(self, parts: tuple[PartState, ...], notice: str) -> None:
        self.states, self.notice = {part.name: part for part in parts}, notice

    def phase(self, name: str) -> str:
        return self.states[name].phase if name in self.states else "unknown"

    def pid(self, name: str) -> int:
        pid = self.states[name].pid
        assert pid is not None
        return pid

    def wait(self, name: str, phase: Phase) -> None:
        wait_for(lambda: self.phase(name) == phase, 60, f"{name} is {phase}, not {self.phase(name)}")

    def end(self) -> None:
        self.stop.set()
        self.thread.join(60)
        assert not self.thread.is_alive()


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., House]]:
    monkeypatch.setattr(supervisor_io, "TICK_S", 0.01)
    monkeypatch.setattr(supervisor_io, "ASK_S", 0.02)
    monkeypatch.setattr(supervisor_io, "ASK_STARTING_S", 0.02)
    monkeypatch.setattr(supervisor_io, "HOUSEKEEPING_S", 0.02)
    open_houses: list[House] = []

    def build(*parts: Part, disk_min_free_bytes: int = 0) -> House:
        open_houses.append(House(tmp_path, *parts, disk_min_free_bytes=disk_min_free_bytes))
        return open_houses[-1]

    yield build
    for one in open_houses:
        one.end()


def part(name: str, health: Health, *needs: str, command: tuple[str, ...] = SLEEP, grace_s: float = 60.0) -> Part:
    return Part(name, command, health, health, f"{name}:1", needs=frozenset(needs), grace_s=grace_s)


def test_a_part_starts_after_what_it_needs(house: Callable[..., House]) -> None:
    server, worker = Health(), Health()
    server.well = False
    one = house(part("server", server), part("worker", worker, "server"))
    one.wait("server", Phase.STARTING)
    assert one.phase("worker") == Phase.WAITING
    server.well = True
    one.wait("worker", Phase.HEALTHY)
    assert any(line.startswith("worker      worker:1  (") for line in one.said)


def test_a_killed_part_comes_back_as_another_process(house: Callable[..., House]) -> None:
    one = house(part("server", Health()))
    one.wait("server", Phase.HEALTHY)
    before = one.pid("server")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: one.states["server"].restarts == 1 and one.phase("server") == Phase.HEALTHY, 60, "it is back")
    assert one.pid("server") != before
    assert any("ended with code -9; again in 0.1 s" in line or "again in 0.0 s" in line for line in one.said)


def test_a_part_that_stops_answering_is_replaced(house: Callable[..., House]) -> None:
    health = Health()
    one = house(part("server", health))
    one.wait("server", Phase.HEALTHY)
    before = psutil.Process(one.pid("server"))
    health.well = False
    wait_for(lambda: one.states["server"].restarts >= 1, 60, "it is replaced")
    assert not before.is_running() or before.status() == psutil.STATUS_ZOMBIE
    health.well = True
    one.wait("server", Phase.HEALTHY)


def test_a_failing_part_shows_its_last_words(house: Callable[..., House]) -> None:
    one = house(part("server", Health(), command=(sys.executable, "-c", "raise SystemExit('no licence')")))
    wait_for(lambda: any("no licence" in line for line in one.said), 60, "the last words are said")
    assert one.states["server"].reason == "ended with code 1"


def test_a_vital_part_that_cannot_start_ends_everything_with_its_last_words(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "raise SystemExit('port 9092 is in use')")
    server = Part("server", command, lambda: None, lambda: None, vital=True)
    other = Part("other", SLEEP, lambda: None, lambda: None, grace_s=1.0)
    supervisor = Supervisor((other, server), tmp_path, lambda line: None, lambda parts, notice: None, patience=SOON)
    with pytest.raises(Problem, match=r"server does not start \(ended with code 1\): see .*: port 9092 is in use"):
        supervisor.run(threading.Event())
    assert supervisor.phases["other"] in (Phase.STARTING, Phase.HEALTHY)
    assert [child.pid for child in psutil.Process().children() if child.cmdline()[-3:] == list(SLEEP)] == []


def test_a_server_outside_is_only_watched(house: Callable[..., House]) -> None:
    health = Health()
    one = house(part("server", health, command=()))
    one.wait("server", Phase.HEALTHY)
    health.well = False
    one.wait("server", Phase.AILING)
    assert one.states["server"].pid is None
    assert "the thing" in one.states["server"].reason
    health.well = True
    one.wait("server", Phase.HEALTHY)
    assert "server      answers again" in one.said


def test_a_low_disk_holds_what_brings_data_until_some_is_freed(
    house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {"bytes": 1000}
    monkeypatch.setattr(supervisor_io, "free_bytes", lambda folder: free["bytes"])
    station = Part("station", SLEEP, lambda: None, lambda: None, grace_s=1.0, brings_data=True)
    one = house(station, part("server", Health()), disk_min_free_bytes=500)
    one.wait("station", Phase.HEALTHY)
    free["bytes"] = 499
    one.wait("station", Phase.HELD)
    assert one.phase("server") == Phase.HEALTHY
    assert "disk_min_free_bytes" in one.notice
    free["bytes"] = 500 * disk_io.RECOVERED_PERCENT // 100
    one.wait("station", Phase.HEALTHY)
    assert one.notice == ""


def test_parts_that_need_others_end_first_and_nothing_is_left(house: Callable[..., House], tmp_path: Path) -> None:
    code = "import signal, sys, time; signal.signal(15, lambda *_: (print(time.time()), sys.exit())); time.sleep(600)"
    command = (sys.executable, "-u", "-c", code)
    one = house(part("server", Health(), command=command), part("worker", Health(), "server", command=command))
    one.wait("worker", Phase.HEALTHY)
    pids = [one.pid("server"), one.pid("worker")]
    wait_for(lambda: all(_handles_sigterm(pid) for pid in pids), 60, "both can end politely")
    one.end()
    assert not any(psutil.pid_exists(pid) for pid in pids)
    ended = {name: float((tmp_path / "logs" / f"{name}.log").read_text()) for name in ("server", "worker")}
    assert ended["worker"] < ended["server"]


def test_logs_stay_bounded(house: Callable[..., House], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huizhen.cli.child_io.trim_log.__defaults__", (1000,))
    code = "import time\nwhile True:\n    print('x' * 50, flush=True); time.sleep(0.001)"
    one = house(part("server", Health(), command=(sys.executable, "-c", code)))
    log = tmp_path / "logs" / "server.log"
    wait_for(lambda: log.with_name("server.log.1").exists(), 60, "the log was moved aside")
    one.wait("server", Phase.HEALTHY)
    wait_for(lambda: log.stat().st_size < 100_000, 60, "the log is short again")


def _handles_sigterm(pid: int) -> bool:
    return _has_sigterm(pid, "SigCgt")


def _ignores_sigterm(pid: int) -> bool:
    return _has_sigterm(pid, "SigIgn")


def _has_sigterm(pid: int, signals: str) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    found = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith(signals))
    return bool(found >> (signal.SIGTERM - 1) & 1)


def test_a_stubborn_part_is_killed_after_its_grace(house: Callable[..., House]) -> None:
    stubborn = (sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)")
    one = house(part("a", Health(), command=stubborn, grace_s=0.2))
    one.wait("a", Phase.HEALTHY)
    pid = one.pid("a")
    wait_for(lambda: _ignores_sigterm(pid), 60, "it is stubborn")
    one.end()
    assert not psutil.pid_exists(pid)


def test_parts_that_do_not_need_each_other_end_at_the_same_time(house: Callable[..., House], tmp_path: Path) -> None:
    """Each ends only after the other was told to: ended one by one, they would take their grace of a minute."""
    code = """
import pathlib, signal, sys, time
mine, other = (pathlib.Path(sys.argv[1], name) for name in sys.argv[2:])
signal.signal(15, lambda *_: mine.touch())
while not (mine.exists() and other.exists()):
    time.sleep(0.01)
"""
    names = ("a", "b")
    one = house(
        *(part(name, Health(), command=(sys.executable, "-c", code, str(tmp_path), name, *{*names} - {name}))
          for name in names)
    )  # fmt: skip
    for name in names:
        one.wait(name, Phase.HEALTHY)
    pids = [one.pid(name) for name in names]
    wait_for(lambda: all(_handles_sigterm(pid) for pid in pids), 60, "both can end politely")
    one.end()
    assert all((tmp_path / name).exists() for name in names)
    assert not any(psutil.pid_exists(pid) for pid in pids)
