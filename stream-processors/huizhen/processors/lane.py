"""One thread beside the event loop that does CPU work in order, and a bound on what waits for it."""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue

from huizhen.processors.mailbox import Mailbox

LANE_JOBS_MAX = 64  # frames on their way out: two seconds of a live stream
LANE_BYTES_MAX = 4 << 20  # their codestreams; one larger frame may go alone
Job = Callable[[], object]


class Lane:
    """Jobs run one after another on the lane's thread; an error of a job is the owner's to leave with."""

    def __init__(self, mailbox: Mailbox, leave: Callable[[BaseException], None]) -> None:
        self._mailbox = mailbox
        self._leave = leave
        self._queue: SimpleQueue[tuple[Job, int] | None] = SimpleQueue()
        self._jobs = 0
        self._bytes = 0
        self._moved = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="lane", daemon=True)
        self._thread.start()

    @property
    def jobs(self) -> int:
        """Jobs that wait or run."""
        return self._jobs

    async def submit(self, job: Job, size: int) -> None:
        """Queue a job of `size` bytes, waiting while the lane is full."""
        while self._jobs and (self._jobs >= LANE_JOBS_MAX or self._bytes + size > LANE_BYTES_MAX):
            self._moved.clear()
            await self._moved.wait()
        self._jobs += 1
        self._bytes += size
        self._queue.put((job, size))

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            job, size = item
            try:
                job()
            except Exception as error:  # noqa: BLE001 - the outermost loop of the thread: a bug, leave
                self._leave(error)
            self._mailbox.post(lambda size=size: self._done(size))  # type: ignore[misc] # bound now

    def _done(self, size: int) -> None:
        self._jobs -= 1
        self._bytes -= size
        self._moved.set()

    async def drain(self) -> None:
        """Wait until nothing waits or runs."""
        while self._jobs:
            self._moved.clear()
            await self._moved.wait()

    def close(self) -> None:
        """End the thread after the jobs that wait."""
        self._queue.put(None)
