"""Ending what runs in a state folder."""

import os
import subprocess
import sys
from pathlib import Path

from huizhen.cli import runstate_io
from huizhen.cli.down_io import bring_down
from huizhen.cli.runstate import PartState, RunState
from tests.services.waiting import wait_for

HOLDS = """
import signal, sys, threading
from pathlib import Path
from huizhen.cli import runstate_io
stop = threading.Event()
signal.signal(signal.SIGTERM, (lambda *_: stop.set()) if sys.argv[2] == "polite" else signal.SIG_IGN)
with runstate_io.held(Path(sys.argv[1])):
    print("held", flush=True)
    stop.wait()
"""


def supervisor(folder: Path, manner: str) -> subprocess.Popen[str]:
    held = subprocess.Popen([sys.executable, "-c", HOLDS, str(folder), manner], stdout=subprocess.PIPE, text=True)
    assert held.stdout is not None
    assert held.stdout.readline() == "held\n"
    state = RunState(held.pid, runstate_io.created_at_s(held.pid) or 0.0, "p", "k", "s", (mark("api", os.getpid()),))
    runstate_io.write(folder, state)
    return held


def mark(name: str, pid: int, started_at_s: float = 1.0) -> PartState:
    return PartState(name, "healthy", pid, started_at_s, 0, "", "")


def test_nothing_runs_nothing_ends(tmp_path: Path) -> None:
    assert bring_down(tmp_path) == []


def test_a_supervisor_is_asked_to_end(tmp_path: Path) -> None:
    held = supervisor(tmp_path, "polite")
    assert bring_down(tmp_path) == ["api"]
    assert held.wait(60) == 0
    held.communicate()


def test_a_supervisor_that_does_not_end_is_killed(tmp_path: Path) -> None:
    held = supervisor(tmp_path, "stubborn")
    assert bring_down(tmp_path, limit_s=0.2) == ["api"]
    assert held.wait(60) == -9
    assert not runstate_io.is_held(tmp_path)
    held.communicate()


def test_what_a_crashed_supervisor_left_is_ended_and_nobody_else(tmp_path: Path) -> None:
    left = subprocess.Popen(["/bin/sleep", "600"], start_new_session=True)
    at_s = runstate_io.created_at_s(left.pid) or 0.0
    # Our own process number with another start time: a later process that only has the same number.
    state = RunState(2**22 + 1, 1.0, "p", "k", "s", (mark("kafka", left.pid, at_s), mark("api", os.getpid())))
    runstate_io.write(tmp_path, state)
    assert bring_down(tmp_path) == ["kafka"]
    wait_for(lambda: left.poll() is not None, 60, "it ended")
    assert runstate_io.read(tmp_path) is None
