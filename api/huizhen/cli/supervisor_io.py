"""The supervisor: starts the parts, asks how they are, starts them again, ends them all.

One loop in the main thread decides (huizhen.cli.lifecycle) and forks, as the leash of a child watches the thread that
forked it. Health checks and stops run in a small pool, so that a server that hangs delays nobody else.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from huizhen.cli import child_io
from huizhen.cli.disk_io import free_bytes, is_low
from huizhen.cli.lifecycle import Do, Life, Patience, Phase, Seen, advance, is_hopeless
from huizhen.cli.part import Part, stop_order
from huizhen.cli.problem import Problem
from huizhen.cli.runstate import PartState
from huizhen.cli.runstate_io import created_at_s
from huizhen.schemas.errors import Bug, HuizhenError

TICK_S = 0.1
ASK_STARTING_S, ASK_S = 0.25, 2.0  # time between two health checks while a part starts, and later
HOUSEKEEPING_S = 5.0  # log sizes and free disk
LOGS = "logs"
Say = Callable[[str], None]
Changed = Callable[[tuple[PartState, ...], str], None]
"""Takes the state of all parts and a notice (empty: none)"""


@dataclass(slots=True)
class _Supervised:
    part: Part
    log: Path
    life: Life = field(default_factory=Life)
    child: Popen[bytes] | None = None
    started_at_s: float | None = None
    asked_at_s: float = 0.0
    answer: Future[str] | None = None
    ending: Future[int] | None = None
    reaped: bool = True

    def state(self) -> PartState:
        alive = self.child is not None and self.child.poll() is None
        pid = self.child.pid if alive and self.child else None
        address, log = self.part.address, "" if self.part.outside else str(self.log)
        return PartState(
            self.part.name, self.life.phase, pid, self.started_at_s, self.life.restarts, address, log, self.life.reason
        )


class Supervisor:
    """Runs a set of parts until it is told to stop."""

    def __init__(
        self,
        parts: tuple[Part, ...],
        folder: Path,
        say: Say,
        changed: Changed,
        *,
        patience: Patience | None = None,
        disk_min_free_bytes: int = 0,
    ) -> None:
        self._all = {part.name: _Supervised(part, folder / LOGS / f"{part.name}.log") for part in parts}
        self._groups = stop_order(parts)
        self._folder, self._say, self._changed = folder, say, changed
        self._patience = patience or Patience()
        self._disk_min, self._disk_low, self._tidied_at_s = disk_min_free_bytes, False, 0.0
        self._pool = ThreadPoolExecutor(max_workers=2 * len(parts), thread_name_prefix="check")

    def run(self, stop: threading.Event) -> None:
        """Keep the parts running until `stop` is set, then end them; call it from the main thread.

        Raises Problem when a vital part cannot be started at all.
        """
        try:
            while not stop.wait(TICK_S):
                self._tidy(time.monotonic())
                moved = [self._look_after(one, time.monotonic()) for one in self._all.values()]
                if any(moved):
                    self._tell()
        finally:
            self.end()

    @property
    def phases(self) -> dict[str, Phase]:
        """The phase of each part."""
        return {name: one.life.phase for name, one in self._all.items()}

    def end(self) -> None:
        """End all parts: those that need others first, then the others."""
        for group in self._groups:
            ending = [self._stop(one) for part in group if (one := self._all[part.name]).child is not None]
            for done in ending:
                done.result()
            for part in group:
                if part.tidy is not None:
                    part.tidy()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _look_after(self, one: _Supervised, now_s: float) -> bool:
        before = one.life
        one.life, do = advance(before, self._see(one, now_s), self._patience, now_s)
        if do is Do.START:
            self._start(one)
        elif do is Do.STOP:
            self._stop(one)
        if one.life.phase is not before.phase:
            self._announce(one, before, now_s)
        return one.life != before

    def _see(self, one: _Supervised, now_s: float) -> Seen:
        code = one.child.poll() if one.child is not None else None
        ended = code if not one.reaped else None
        one.reaped = one.reaped or code is not None
        running = one.child is not None and code is None
        return Seen(
            ready=all(self._all[need].life.phase is Phase.HEALTHY for need in one.part.needs),
            running=running,
            exit_code=ended,
            answer=self._ask(one, now_s) if running or one.part.outside else None,
            hold=one.part.brings_data and self._disk_low,
            outside=one.part.outside,
            once=one.part.once,
        )

    def _ask(self, one: _Supervised, now_s: float) -> str | None:
        """Give the outcome of a finished check, and start the next when it is time."""
        if one.answer is not None:
            if not one.answer.done():
                return None
            answer, one.answer = one.answer.result(), None
            return answer
        well = one.life.phase is Phase.HEALTHY
        if now_s - one.asked_at_s >= (ASK_S if well else ASK_STARTING_S):
            one.asked_at_s = now_s
            fresh = one.life.phase in (Phase.WAITING, Phase.STARTING)
            one.answer = self._pool.submit(_outcome, one.part.open if fresh else one.part.check)
        return None

    def _start(self, one: _Supervised) -> None:
        part = one.part
        one.child = child_io.spawn(part.command, one.log, part.env, self._folder, nice=part.nice)
        one.started_at_s = created_at_s(one.child.pid)
        one.reaped, one.answer = False, None

    def _stop(self, one: _Supervised) -> Future[int]:
        if one.ending is None or one.ending.done():
            if one.child is None:
                raise Bug(f"part {one.part.name} is stopped before it was started")
            one.reaped = True
            one.ending = self._pool.submit(child_io.stop, one.child, one.part.grace_s)
        return one.ending

    def _announce(self, one: _Supervised, before: Life, now_s: float) -> None:
        name, life = one.part.name, one.life
        if life.phase is Phase.HEALTHY and before.phase is Phase.STARTING:
            self._say(f"{name:<12}{one.part.address or 'runs'}  ({now_s - before.since_s:.1f} s)")
        elif life.phase is Phase.HEALTHY:
            self._say(f"{name:<12}answers again")
        elif life.phase is Phase.BACKING_OFF:
            if one.part.vital and is_hopeless(life):
                way_out = f"see {one.log}: {child_io.last_line(one.log)[-300:]}"
                raise Problem(f"{name} does not start ({life.reason})", way_out=way_out)
            wait_s = life.retry_at_s - now_s
            said = child_io.last_line(one.log)[-300:]
            self._say(f"{name:<12}{life.reason}; again in {wait_s:.1f} s ({one.log}: {said})")
        elif life.phase in (Phase.AILING, Phase.HELD, Phase.DONE):
            self._say(f"{name:<12}{life.phase}{': ' + life.reason if life.phase is Phase.AILING else ''}")

    def _tidy(self, now_s: float) -> None:
        if now_s - self._tidied_at_s < HOUSEKEEPING_S:
            return
        self._tidied_at_s = now_s
        for one in self._all.values():
            child_io.trim_log(one.log)
        free = free_bytes(self._folder)
        was, self._disk_low = self._disk_low, is_low(free, self._disk_min, self._disk_low)
        if self._disk_low != was:
            self._say(self._disk_notice(free) or "disk        enough free space again")
            self._tell()

    def _disk_notice(self, free: int) -> str:
        if not self._disk_low:
            return ""
        return (
            f"disk        {free / 1e9:.1f} GB free on the disk of {self._folder}, "
            f"limit {self._disk_min / 1e9:.1f} GB (disk_min_free_bytes): nothing new is captured until some is freed"
        )

    def _tell(self) -> None:
        notice = self._disk_notice(free_bytes(self._folder)) if self._disk_low else ""
        self._changed(tuple(one.state() for one in self._all.values()), notice)


def _outcome(check: Callable[[], object]) -> str:
    try:
        check()
    except HuizhenError as error:
        return str(error) or type(error).__name__
    return ""
