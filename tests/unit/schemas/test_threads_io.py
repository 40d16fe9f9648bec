import subprocess
import sys

import pytest

from huizhen.schemas.threads_io import EXIT_BUG, EXIT_STUCK, thread

RAISES = """
from huizhen.schemas.threads_io import thread
def work(): raise ValueError("a bug")
thread("worker", work).start()
import threading
threading.Event().wait(60)
"""


def test_what_a_threads_work_raises_is_not_lost() -> None:
    told: list[BaseException] = []
    bug = ValueError("a bug")

    def work() -> None:
        raise bug

    made = thread("worker", work, told.append)
    made.start()
    made.join(10)
    assert (made.name, made.daemon, told) == ("worker", True, [bug])


STUCK = '__import__("huizhen.schemas.errors").schemas.errors.Stuck()'


@pytest.mark.parametrize(("raised", "code"), [('ValueError("a bug")', EXIT_BUG), (STUCK, EXIT_STUCK)])
def test_a_process_leaves_with_its_thread(raised: str, code: int) -> None:
    script = RAISES.replace('ValueError("a bug")', raised)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == code
    assert "leaving" in done.stdout + done.stderr
