import subprocess
import sys

from huizhen.schemas.threads_io import EXIT_BUG, thread

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


def test_a_process_leaves_with_its_thread() -> None:
    done = subprocess.run([sys.executable, "-c", RAISES], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == EXIT_BUG
    assert "leaving" in done.stdout + done.stderr
