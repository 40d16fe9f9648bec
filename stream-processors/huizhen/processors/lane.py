"""One thread beside the event loop that does CPU work in order, and a bound on what waits for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

LANE_JOBS_MAX = 64  # frames on their way out: two seconds of a live stream
LANE_BYTES_MAX = 8 << 20  # their codestreams; one larger frame may go alone


class Lane:
    """Jobs run one after another on the lane's thread; an error of a job is the owner's to leave with."""

    def __init__(self, leave: Callable[[BaseException], None]) -> None:
        self._leave = leave
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lane")
        self._jobs = 0
        self._bytes = 0
        self._moved = asyncio.Event()

    @property
    def jobs(self) -> int:
        """Jobs that wait or run."""
        return self._jobs

    async def submit(self, job: Callable[[], None], size: int) -> None:
        """Queue a job of `size` bytes, waiting while the lane is full."""
        while self._jobs and (self._jobs >= LANE_JOBS_MAX or self._bytes + size > LANE_BYTES_MAX):
            self._moved.clear()
            await self._moved.wait()
        self._jobs += 1
        self._bytes += size
        loop = asyncio.get_running_loop()

        def done(future: Future[None]) -> None:
            error = future.exception()
            if error is not None:
                self._leave(error)
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._done, size)

        self._thread.submit(job).add_done_callback(done)

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
        """End the thread; jobs that did not start are dropped."""
        self._thread.shutdown(wait=False, cancel_futures=True)
