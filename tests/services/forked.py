"""Our programs for tests: each a process of its own, forked from one that has imported them all.

A cold start costs one to three seconds of a processor, a fork nearly nothing. `up`, `demo` and the tests of the command
line itself start cold, as a person does.
"""

import importlib
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from multiprocessing import forkserver
from pathlib import Path

from huizhen.schemas.settings import Settings

PROGRAMS = ("huizhen.api.main", "huizhen.processors.main", "huizhen.sinks.main", "huizhen.sinks.commands",
            "huizhen.cli.main", "huizhen.cli.lag_io", "huizhen.cli.rejected_io", "huizhen.cli.up_io",
            "huizhen.cli.ledger_check.bucket_io", "huizhen.cli.ledger_check.journal_io", "huizhen.sinks.chain",
            "huizhen.producers.main", "huizhen.producers.station_io")  # fmt: skip
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(list(PROGRAMS))


class Forked:
    """A running program; what it says goes to files."""

    def __init__(
        self, target: Callable[..., int], *arguments: str, env: Mapping[str, str], out: Path, err: Path | None = None
    ) -> None:
        os.environ["OPENBLAS_NUM_THREADS"] = "1"  # else numpy starts a thread before the fork
        forkserver.ensure_running()
        out.touch(mode=0o600)  # who looks for its words finds none yet
        given = (target, arguments, dict(env), str(out), str(err or out))
        self._process = CONTEXT.Process(target=_run, args=given, daemon=True)  # daemon: it ends with the tests
        self._process.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Give its exit code; minus the signal that killed it; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Wait for its end and give its exit code; raises TimeoutExpired."""
        self._process.join(timeout)
        if (code := self._process.exitcode) is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout)
        return code

    def send_signal(self, number: int) -> None:
        """Signal it; nothing where it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill -9."""
        self._process.kill()


def program(name: str) -> int:
    """Run one of our parts as its command does: `huizhen.api.main`, say."""
    run: Callable[[Settings], int] = importlib.import_module(name).run
    return run(Settings())


def huizhen(*words: str, env: Mapping[str, str], timeout: float = 90.0) -> "subprocess.CompletedProcess[str]":
    """Run the `huizhen` command to its end."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        child = Forked(_command_line, *words, env=env, out=out, err=err)
        try:
            code = child.wait(timeout)
        finally:
            child.kill()
        return subprocess.CompletedProcess(["huizhen", *words], code, out.read_text(), err.read_text())


def _command_line(*words: str) -> int:
    from huizhen.cli.main import main

    sys.argv = ["huizhen", *words]
    main()
    return 0


def _run(target: Callable[..., int], arguments: tuple[str, ...], env: dict[str, str], out: str, err: str) -> None:
    os.environ.clear()
    os.environ.update(env)
    for path, descriptor in ((out, 1), (err, 2)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, descriptor)
        os.close(file)
    sys.exit(target(*arguments))
