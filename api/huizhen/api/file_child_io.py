"""Ask a limited child process about a patient's file: one child per question, one at a time."""

import asyncio
import json
import subprocess
import sys
import tempfile
from typing import Literal

from huizhen.api.file_shapes import FileFacts, Report
from huizhen.api.problem import Problem
from huizhen.schemas.errors import Unavailable

WALL_S = 60.0  # the kernel ends the child after 10 s of processor time; this is for a machine that stands still
CHILDREN_MAX = 1  # each may take 384 MiB and a core; the live pictures need the other
CHILD_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
"""Nothing of ours is inherited, secrets least of all"""
Act = Literal["describe", "report", "document"]


class FileChild:
    """Reads files in children."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(CHILDREN_MAX)

    async def describe(self, content: bytes) -> FileFacts:
        """Say what a file is; raises Problem 415 or 422 where it is refused."""
        return FileFacts.model_validate_json(await self._ask("describe", content))

    async def report(self, content: bytes) -> Report:
        """Give the content of a report."""
        return Report.model_validate_json(await self._ask("report", content))

    async def document(self, content: bytes) -> bytes:
        """Give the PDF in a file."""
        return await self._ask("document", content)

    async def _ask(self, act: Act, content: bytes) -> bytes:
        async with self._turns:
            return await asyncio.to_thread(_answer, act, content)


def _answer(act: Act, content: bytes) -> bytes:
    with tempfile.TemporaryFile() as file:  # a file, not a pipe: the reader seeks, and its size is known
        file.write(content)
        file.flush()
        file.seek(0)
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-B", "-m", "huizhen.api.file_child", act],
                stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,  # tracebacks may quote the file
                env=CHILD_ENVIRONMENT, timeout=WALL_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Unavailable("the reader of files (it took too long)", 5.0) from None
        except OSError as error:
            raise Unavailable(f"the reader of files ({error.strerror})", 5.0) from None
    head, _, payload = done.stdout.partition(b"\n")
    if done.returncode != 0 or not head:
        raise Problem(422, "reading the file takes more memory or time than a file is given")
    said = json.loads(head)
    if said["status"] != 200:
        raise Problem(int(said["status"]), str(said["detail"]))
    return payload
