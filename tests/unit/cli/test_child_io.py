"""Child processes end, and their logs stay small."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from huizhen.cli.child_io import last_line, run_here, signal_group, spawn, stop, trim_log
from tests.services.waiting import wait_for


def says(log: Path, text: str) -> bool:
    return log.exists() and text in log.read_text()


def test_a_polite_child_ends_by_itself(tmp_path: Path) -> None:
    code = (
        "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(7));"
        "print('ready', flush=True); time.sleep(600)"
    )
    child = spawn([sys.executable, "-c", code], tmp_path / "log")
    wait_for(lambda: says(tmp_path / "log", "ready"), 60, "the child is ready")
    assert stop(child, grace_s=60) == 7


def test_a_stubborn_child_is_killed_with_what_it_started(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess; signal.signal(15, signal.SIG_IGN);"
        "p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); p.wait()"
    )
    child = spawn([sys.executable, "-c", code], tmp_path / "log")
    wait_for(lambda: last_line(tmp_path / "log").isdigit(), 60, "the grandchild runs")
    grandchild = psutil.Process(int(last_line(tmp_path / "log")))
    assert stop(child, grace_s=0.2) == -signal.SIGKILL, "not after the ten minutes it would have run"
    wait_for(lambda: not grandchild.is_running() or grandchild.status() == "zombie", 60, "the grandchild is gone")


PARENT = """
import sys
from huizhen.cli.child_io import run_here
sys.exit(run_here(["sleep", "600"], {}, 5.0))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_runs_on_our_terminal_does_not_outlive_us(number: signal.Signals) -> None:
    parent = psutil.Popen([sys.executable, "-c", PARENT], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(lambda: [child.name() for child in parent.children()] == ["sleep"], 60, "the command runs")
        (child,) = parent.children()
        if number is signal.SIGINT:
            os.killpg(parent.pid, number)  # as a terminal does
        else:
            parent.send_signal(number)
        parent.wait(60)
        wait_for(lambda: not child.is_running() or child.status() == "zombie", 60, "the command is gone")
    finally:
        if parent.is_running():
            parent.kill()


def test_the_exit_code_of_what_runs_on_our_terminal_is_ours() -> None:
    command = [sys.executable, "-c", "import os, sys; sys.exit(int(os.environ['HUIZHEN_X']))"]
    assert run_here(command, {"HUIZHEN_X": "7"}, 5.0) == 7


def test_the_environment_is_added_to_ours(tmp_path: Path) -> None:
    child = spawn([sys.executable, "-c", "import os; print(os.environ['HUIZHEN_X'], os.getcwd())"], tmp_path / "log",
                  {"HUIZHEN_X": "42"}, tmp_path)  # fmt: skip
    assert child.wait(60) == 0
    assert last_line(tmp_path / "log") == f"42 {tmp_path}"


def test_signals_to_a_child_that_is_gone_are_silent(tmp_path: Path) -> None:
    child = spawn(["true"], tmp_path / "log")
    child.wait(60)
    signal_group(child, signal.SIGTERM)
    assert stop(child, 1) == 0


def test_a_large_log_is_moved_aside_and_writing_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 1000)
        assert trim_log(log, limit_bytes=2000)
        writer.write(b"new\n")
    assert log.read_text() == "new\n"
    assert (tmp_path / "x.log.1").stat().st_size == 2000


def test_a_small_or_absent_log_stays(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    assert not trim_log(log)
    log.write_text("a\nb\n\n")
    assert not trim_log(log)
    assert last_line(log) == "b"
    assert last_line(tmp_path / "none") == ""


def test_a_child_may_stand_back_where_processors_are_short(tmp_path: Path) -> None:
    code = "import os; print(os.nice(0), flush=True)"
    own = os.nice(0)
    for nice in (0, 5):
        log = tmp_path / f"{nice}.log"
        assert spawn([sys.executable, "-c", code], log, nice=nice).wait(30) == 0
        assert int(log.read_text()) == min(own + nice, 19)
