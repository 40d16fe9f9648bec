"""Child processes die with us: those that lead their own process group and log, and one that stands in for us."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from huizhen.cli import leash

LOG_MAX_BYTES = 16 << 20  # per log file; one older file is kept beside it


def spawn(
    command: Sequence[str],
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    *,
    nice: int = 0,
) -> subprocess.Popen[bytes]:
    """Start a command; call it from a thread that outlives it (the leash watches the thread that forked).

    `nice`: how far it stands back where processors are short (POSIX nice).
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(
            _leashed(command, nice),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=None if env is None else {**os.environ, **env},
            cwd=cwd,
            start_new_session=True,
        )


def run_here(command: Sequence[str], env: Mapping[str, str], grace_s: float) -> int:
    """Run a command on our own terminal, where Ctrl-C reaches it too; then it has `grace_s` to end by itself."""
    child = subprocess.Popen(_leashed(command), env={**os.environ, **env})
    try:
        return child.wait()
    except KeyboardInterrupt:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(grace_s)
        raise
    finally:
        child.kill()
        child.wait()


def _leashed(command: Sequence[str], nice: int = 0) -> list[str]:
    return [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), str(nice), *command]


def signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a child and everything it started; silent when all of it is gone."""
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return


def stop(child: subprocess.Popen[bytes], grace_s: float) -> int:
    """End a child and its group: ask, wait at most `grace_s`, kill. Gives the exit code."""
    if child.poll() is None:
        signal_group(child, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(grace_s)
    signal_group(child, signal.SIGKILL)
    return child.wait()


def trim_log(log: Path, limit_bytes: int = LOG_MAX_BYTES) -> bool:
    """Move a log above its limit to `<name>.1` and empty it; writers append, so they go on at the new end."""
    if not log.exists() or log.stat().st_size <= limit_bytes:
        return False
    with log.open("rb") as full, log.with_name(log.name + ".1").open("wb") as older:
        full.seek(-limit_bytes, os.SEEK_END)
        while block := full.read(1 << 20):
            older.write(block)
    os.truncate(log, 0)
    return True


def last_line(log: Path, limit_bytes: int = 4096) -> str:
    """Give the last line of a log that says something, or an empty text."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - limit_bytes))
        lines = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")
