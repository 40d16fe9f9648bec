"""The state folder: one lock, one state file, who runs there."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psutil

from huizhen.cli.problem import Problem
from huizhen.cli.runstate import RunState, from_json, to_json

LOCK, STATE = "up.lock", "up.json"
SAME_PROCESS_S = 2.0  # process start times are read with a coarse clock
STATE_FILE_MAX_BYTES = 1 << 20


class Taken(Exception):
    """Another `huizhen up` holds this state folder."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the state folder for one `up`; the lock goes with the process, however it ends. Raises Taken, Problem."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / LOCK).open("a")
    except OSError as error:
        raise Problem(f"cannot write to {folder} ({error.strerror})", way_out="choose another with --state") from None
    with lock:
        _lock(lock)
        yield


def _lock(lock: IO[str]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Taken from None


def is_held(folder: Path) -> bool:
    """Tell whether some `up` holds the folder now."""
    if not (folder / LOCK).exists():
        return False
    try:
        with held(folder):
            return False
    except Taken:
        return True


def write(folder: Path, state: RunState) -> None:
    """Replace the state file in one step, readable by its owner only."""
    fresh = folder / f"{STATE}.{os.getpid()}"
    fresh.touch(mode=0o600)
    fresh.write_text(to_json(state))
    fresh.replace(folder / STATE)


def read(folder: Path) -> RunState | None:
    """Read the state file; None when there is none or it is not ours."""
    path = folder / STATE
    if not path.is_file() or path.stat().st_size > STATE_FILE_MAX_BYTES:
        return None
    return from_json(path.read_text())


def running(folder: Path) -> RunState | None:
    """Give the state of the `up` that runs in the folder, if one does."""
    return read(folder) if is_held(folder) else None


def forget(folder: Path) -> None:
    """Remove the state file."""
    (folder / STATE).unlink(missing_ok=True)


def created_at_s(pid: int) -> float | None:
    """Give the time a process was created, or None when it is gone."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def is_same(pid: int | None, started_at_s: float | None) -> bool:
    """Tell whether a process is still the one that was written down."""
    if pid is None or started_at_s is None:
        return False
    now = created_at_s(pid)
    return now is not None and abs(now - started_at_s) < SAME_PROCESS_S
