"""One part of ours as a process: `python -m tests.faults.services.child capture|processors|archive`, or forked.

It is the part as it is deployed, with two things more. It kills itself (SIGKILL) where a test wants it: at a *hook*,
when the file `die` says `<hook> <how many times more>`. And capture takes drawn frames, and keeps its journals
for the checker (hard links below `kept`), where the product would wipe them.
"""

import functools
import inspect
import json
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from huizhen.schemas.settings import Settings

SKEW_S = 1e9  # nanoseconds


def own_folder() -> Path:
    """Give the folder that this process has to itself."""
    return Path(os.environ["HUIZHEN_TEST_FOLDER"])


class Hooks:
    """The places where this part may be killed."""

    def __init__(self) -> None:
        self._file = own_folder() / "die"
        self._seen = 0

    def at(self, owner: Any, method: str, hook: str, is_before: bool) -> None:
        """Make a method of a class a hook, before or after its work."""
        inner = getattr(owner, method)

        @functools.wraps(inner)
        def plain(*given: Any, **named: Any) -> Any:
            if is_before:
                self._reach(hook)
            result = inner(*given, **named)
            if not is_before:
                self._reach(hook)
            return result

        @functools.wraps(inner)
        async def awaited(*given: Any, **named: Any) -> Any:
            if is_before:
                self._reach(hook)
            result = await inner(*given, **named)
            if not is_before:
                self._reach(hook)
            return result

        setattr(owner, method, awaited if inspect.iscoroutinefunction(inner) else plain)

    def _reach(self, hook: str) -> None:
        if not self._file.exists():
            self._seen = 0
            return
        wanted, after = self._file.read_text().split()
        if wanted != hook:
            return
        self._seen += 1
        if self._seen >= int(after):
            self._file.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


def capture(settings: Settings) -> int:
    """Capture drawn frames until the file `enough` is there, then end in order."""
    from huizhen.producers.engine import Engine
    from huizhen.producers.journal_io import Journal
    from huizhen.producers.main import run
    from huizhen.producers.options import Options
    from huizhen.producers.session import Session
    from huizhen.producers.source import Captured, Description, Geometry
    from huizhen.producers.spool_io import Spool
    from huizhen.schemas.geometry import PixelFormat
    from huizhen.schemas.ids import SessionId
    from tests.services.capture_harness import PROFILE, US, picture

    given, enough = json.loads(os.environ["HUIZHEN_TEST_EXAM"]), own_folder() / "enough"
    form = PixelFormat(given["rows"], given["columns"], 3, 8, 0)

    class Drawing:
        """Frames at a steady rate: as many as were due, none left out."""

        description = Description("probe", "US", US, given["rate_hz"])
        is_closed = False

        def frames(self) -> Iterator[Captured]:
            start, number = time.monotonic(), 0
            while not self.is_closed and not enough.exists():
                time.sleep(max(0.0, start + number / given["rate_hz"] - time.monotonic()))
                pixels = picture(given["seed"] + number, form)
                yield Captured(pixels, Geometry(form, "RGB"), time.time_ns(), time.monotonic_ns())
                number += 1

        def close(self) -> None:
            self.is_closed = True

    hooks = Hooks()
    hooks.at(Engine, "take", "after_read", is_before=True)
    hooks.at(Spool, "append", "after_store", is_before=False)
    hooks.at(Session, "settle", "before_commit", is_before=True)
    _keep_journals(Journal)
    options = Options(
        session=SessionId(given["session"]), profile=PROFILE, recover=False, wait_stored_s=given["wait_stored_s"]
    )
    return run(settings, Drawing(), options)


def _keep_journals(journal: Any) -> None:
    wipe, remove = journal.wipe, journal.remove

    def keep(self: Any) -> None:
        kept = own_folder() / "kept" / self.state.session
        kept.mkdir(parents=True, exist_ok=True)
        for path in self._folder.glob("*.hzj"):
            link = kept / path.name
            if link.exists() and link.samefile(path):
                continue
            try:
                link.hardlink_to(path)
            except OSError:  # another disk: a copy, which does not grow with the journal and is made anew each time
                shutil.copyfile(path, link)

    def keep_and_wipe(self: Any) -> None:
        keep(self)
        wipe(self)

    def keep_and_remove(self: Any, name: str) -> Any:
        keep(self)
        return remove(self, name)

    journal.wipe, journal.remove = keep_and_wipe, keep_and_remove


def processors(settings: Settings) -> int:
    """Run a worker."""
    from huizhen.processors import transport
    from huizhen.processors.agent import Agent
    from huizhen.processors.main import run
    from huizhen.processors.outbox import Outbox

    hooks = Hooks()
    hooks.at(Agent, "take", "after_read", is_before=True)
    hooks.at(Outbox, "_delivered", "after_store", is_before=False)
    hooks.at(transport.Consumer, "_commit", "before_commit", is_before=True)
    return run(settings)


def archive(settings: Settings) -> int:
    """Run the archive."""
    from confluent_kafka import Consumer

    from huizhen.sinks.consumer_io import GroupReader
    from huizhen.sinks.main import run
    from huizhen.sinks.store_io import S3Store

    hooks = Hooks()
    hooks.at(GroupReader, "read", "after_read", is_before=False)
    hooks.at(S3Store, "put", "after_store", is_before=False)

    class Hooked(Consumer):  # type: ignore[misc] # the client's own class, whose methods cannot be replaced
        def commit(self, *given: Any, **named: Any) -> Any:
            return super().commit(*given, **named)

    hooks.at(Hooked, "commit", "before_commit", is_before=True)
    sys.modules["huizhen.sinks.consumer_io"].__dict__["Consumer"] = Hooked
    return run(settings)


PARTS: dict[str, Callable[[Settings], int]] = {"capture": capture, "processors": processors, "archive": archive}


def skew_clock() -> None:
    """Show this process a wall clock that is wrong by what the file `skew` says, in seconds, at any moment."""
    file, real = own_folder() / "skew", time.time_ns

    def skewed_ns() -> int:
        off = float(file.read_text() or 0) if file.exists() else 0.0
        return real() + int(off * SKEW_S)

    time.time_ns = skewed_ns
    time.time = lambda: skewed_ns() / SKEW_S


def limit_memory() -> None:
    """Give this process so many bytes of writable memory at most."""
    if limit := int(os.environ.get("HUIZHEN_TEST_MEMORY_BYTES", "0")):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def be(part: str) -> int:
    """Be a part, until it ends."""
    limit_memory()
    if os.environ.get("HUIZHEN_TEST_SKEW") == "1":
        skew_clock()
    return PARTS[part](Settings())


def be_cold(part: str) -> int:
    """Become a new interpreter that is the part: nothing is imported yet."""
    os.execv(sys.executable, [sys.executable, "-m", __name__, part])  # noqa: S606 - ourselves
    return 1


if __name__ == "__main__":
    sys.exit(be(sys.argv[1]))
