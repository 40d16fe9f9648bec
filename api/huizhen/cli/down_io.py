"""`huizhen down` as a function: end the `up` of a state folder, and whatever a crashed one left behind."""

import os
import signal
import time
from pathlib import Path

import psutil

from huizhen.cli import runstate_io
from huizhen.cli.runstate import PartState, RunState

DOWN_S = 10.0  # what `down` promises
STEP_S = 0.05


def bring_down(folder: Path, limit_s: float = DOWN_S) -> list[str]:
    """End everything that runs in a state folder; give the names of what was ended."""
    state = runstate_io.read(folder)
    if not runstate_io.is_held(folder):
        left = [part for part in state.parts if _kill(part)] if state is not None else []
        runstate_io.forget(folder)
        return [part.name for part in left]
    if state is None:
        state = _wait_for_state(folder, 1.0)
    if state is None:
        return []
    _ask(state, signal.SIGTERM)
    if not _wait_until_free(folder, limit_s):
        _ask(state, signal.SIGKILL)
        for part in state.parts:
            _kill(part)
        _wait_until_free(folder, 1.0)
        runstate_io.forget(folder)
    return [part.name for part in state.parts if part.pid is not None]


def _ask(state: RunState, number: signal.Signals) -> None:
    if runstate_io.is_same(state.pid, state.started_at_s):
        os.kill(state.pid, number)


def _kill(part: PartState) -> bool:
    if part.pid is None or not runstate_io.is_same(part.pid, part.started_at_s):
        return False
    try:
        os.killpg(part.pid, signal.SIGKILL)  # each part leads its own group
        psutil.Process(part.pid).wait(2.0)
    except (ProcessLookupError, psutil.Error):
        pass
    return True


def _wait_until_free(folder: Path, limit_s: float) -> bool:
    end = time.monotonic() + limit_s
    while runstate_io.is_held(folder):
        if time.monotonic() > end:
            return False
        time.sleep(STEP_S)
    return True


def _wait_for_state(folder: Path, limit_s: float) -> RunState | None:
    """Wait for an `up` that has just taken the folder to write down who it is."""
    end = time.monotonic() + limit_s
    while (state := runstate_io.read(folder)) is None and time.monotonic() < end:
        time.sleep(STEP_S)
    return state
