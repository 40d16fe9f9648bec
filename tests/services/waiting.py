"""Wait for a condition with a deadline: tests never sleep for a fixed time."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from huizhen.cli.child_io import last_line
from huizhen.schemas.errors import Unavailable

STEP_S = 0.05
TURN_MAX_S = 5.0


def wait_for(condition: Callable[[], object], deadline_s: float, what: str) -> None:
    """Return as soon as the condition is true; AssertionError that names it when the deadline passes.

    A machine that gives nobody a turn for a while, ourselves included, uses up no more of the deadline than one turn.
    """
    left_s, before_s = deadline_s, time.monotonic()
    while not condition():
        assert left_s > 0, f"{what}: not within {deadline_s:g} s"
        time.sleep(STEP_S)
        now_s = time.monotonic()
        left_s, before_s = left_s - min(TURN_MAX_S, now_s - before_s), now_s


def wait_until_it_serves(
    check: Callable[[], object], child: subprocess.Popen[bytes], log: Path, deadline_s: float
) -> None:
    """Wait until a server passes its check; AssertionError with its log when it ends or the deadline passes."""

    def serves() -> bool:
        code = child.poll()
        assert code is None, f"the server ended with code {code}; {log}: {last_line(log)}"
        try:
            check()
        except Unavailable:
            return False
        return True

    wait_for(serves, deadline_s, f"the server answers; {log}: {last_line(log)}")
