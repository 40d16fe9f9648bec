"""The station's journals together: their limits on disk, their syncing, and which sessions were left behind.

`<root>/<session>/` is one session's journal; `<root>/.stored/<session>` remembers that the archive has a session and
its journal was wiped, so that nobody numbers frames from 0 again under the same id. `<root>/.rejected/<session>/` holds
what could not be read (`originals_io.py`).
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from huizhen.producers.delta import Delta
from huizhen.producers.journal import Entry, Stood
from huizhen.producers.journal_io import Journal
from huizhen.producers.journal_note import Note
from huizhen.producers.originals_io import Originals
from huizhen.producers.retention import Budget, Holding, alarm_of, excess_bytes, expired, removable
from huizhen.schemas.errors import Refused
from huizhen.schemas.ids import SLUG
from huizhen.schemas.ranges import Ranges
from huizhen.schemas.reasons import MissingReason, RejectReason
from huizhen.schemas.threads_io import thread

log = structlog.get_logger()
STORED = ".stored"
STORED_KEPT_S = 90 * 86_400.0
SEGMENT_MIN, SEGMENT_MAX = 64 << 10, 32 << 20  # a sixteenth of the limit, so that little is lost when one must go
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Spool:
    """Owns every journal of the station that this process has open, and the thread that syncs them."""

    def __init__(self, root: Path, budget: Budget, sync_interval_s: float, boot: str) -> None:
        self._root = root
        self._budget = budget
        self._sync_interval_s = sync_interval_s
        self._boot = boot
        self._lock = threading.RLock()
        self._open: dict[str, Journal] = {}
        self._others_bytes = 0
        self.originals = Originals(root, budget.max_bytes, budget.max_age_s)
        self._stopping = threading.Event()
        self._thread = thread("journal-sync", self._sync_forever)
        self.alarm = ""
        """Why the newest frame found no room, or why syncing fails; empty where all is well"""
        (root / STORED).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.refresh()
        self._thread.start()

    def open(self, session: str) -> Journal:
        """Open a session's journal; raises Refused where the archive has the session and its journal is gone."""
        if (self._root / STORED / session).exists():
            raise Refused(RejectReason.POLICY, f"session {session} is stored and closed: choose another session id")
        with self._lock:
            journal = Journal(self._root / session, session, self._segment_bytes)
            self._open[session] = journal
            self._others_bytes = self._bytes_of_others()
        return journal

    def begin_epoch(self, journal: Journal) -> None:
        """Let this process number and send frames of the session: in the epoch after the last one."""
        _start_epoch(journal, self._boot, self._sync_interval_s)

    def left_behind(self) -> list[str]:
        """Name the sessions on disk that this process has not open."""
        found = (path.name for path in self._root.iterdir() if path.is_dir() and SLUG.fullmatch(path.name))
        return sorted(name for name in found if name not in self._open)

    def append(self, journal: Journal, entry: Entry, payload: bytes, delta: Delta | None = None) -> Stood:
        """Append a frame where the limits leave room, removing delivered segments first; says how it stands."""
        wanted = len(payload)
        with self._lock:
            excess = excess_bytes(self.used_bytes, _free_bytes(self._root), wanted, self._budget)
            if excess and not self._make_room(excess):
                self.alarm = alarm_of(self.used_bytes, _free_bytes(self._root), wanted, self._budget)
                return Stood.REFUSED
        stood = journal.append(entry, payload, delta)
        self.alarm = "disk_full" if stood is Stood.REFUSED else ""
        return stood

    def keep_original(self, journal: Journal, source: str, number: int, original: bytes) -> str:
        """Keep what could not be read, where the limits leave room; says where, or "" where not."""
        with self._lock:
            excess = excess_bytes(self.used_bytes, _free_bytes(self._root), len(original), self._budget)
            if excess and not self._make_room(excess):
                return ""
            return self.originals.keep(journal.state.session, source, number, original)

    @property
    def used_bytes(self) -> int:
        """Bytes of all journals of the station, and of kept originals."""
        journals = sum(journal.size_bytes for journal in list(self._open.values()))
        return journals + self._others_bytes + self.originals.holdings.size_bytes

    def refresh(self, now_s: Callable[[], float] = time.time) -> None:
        """Count what other processes hold, and let go what is older than the station may keep."""
        with self._lock:
            self._others_bytes = self._bytes_of_others()
            self.originals.refresh(now_s())
            for journal in self._open.values():
                for holding in expired(journal.holdings(), now_s(), self._budget):
                    self._expire(journal, holding)
        for marker in (self._root / STORED).iterdir():
            with contextlib.suppress(FileNotFoundError):  # another process removed it meanwhile
                if now_s() - marker.stat().st_mtime > STORED_KEPT_S:
                    marker.unlink()

    def mark_stored(self, journal: Journal) -> None:
        """Wipe a session that the archive has, and remember its id; its originals stay for their days."""
        (self._root / STORED / journal.state.session).touch(mode=0o600)
        with self._lock:
            self.originals.mark_stored(journal.state.session)
        self.discard(journal)

    def discard(self, journal: Journal) -> None:
        """Wipe a session's journal."""
        session = journal.state.session
        with self._lock:
            self._open.pop(session, None)
            journal.wipe()
        log.info("journal_wiped", session=session)

    def release(self, journal: Journal) -> None:
        """Close a journal and leave it on disk."""
        with self._lock:
            self._open.pop(journal.state.session, None)
            journal.close()
            self._others_bytes = self._bytes_of_others()

    def close(self) -> None:
        """Sync and close all journals."""
        self._stopping.set()
        self._thread.join()
        with self._lock:
            for journal in self._open.values():
                journal.close()
            self._open.clear()

    @property
    def _segment_bytes(self) -> int:
        return min(SEGMENT_MAX, max(SEGMENT_MIN, self._budget.max_bytes // 16))

    def _bytes_of_others(self) -> int:
        return sum(_folder_bytes(self._root / name) for name in self.left_behind())

    def _make_room(self, excess: int) -> bool:
        holdings = [holding for journal in self._open.values() for holding in journal.holdings()]
        chosen = removable(holdings, excess)
        for holding in chosen:
            self._open[holding.session].remove(holding.name)
        if chosen:
            log.info("journal_trimmed", segments=len(chosen), bytes=sum(one.size_bytes for one in chosen))
        return bool(chosen)

    def _expire(self, journal: Journal, holding: Holding) -> None:
        owed = {name: source.owed() for name, source in journal.state.sources.items()}
        lost = {
            name: owed[name].within(first, last)
            for name, (first, last) in journal.remove(holding.name).items()
            if owed[name].meets(first, last)
        }
        if lost:
            journal.note(Note(dropped={MissingReason.EXPIRED_BEFORE_PUBLISH: lost}))
        log.warning("journal_expired", session=holding.session, undelivered=sum(map(len, lost.values())))

    def _sync_forever(self) -> None:
        while not self._stopping.wait(self._sync_interval_s):
            for journal in list(self._open.values()):
                self._sync(journal)

    def _sync(self, journal: Journal) -> None:
        try:
            journal.sync()
        except OSError as error:
            self.alarm = "disk_full"
            log.error("journal_sync_failed", error=error.strerror)


def boot_id() -> str:
    """Give the id of the machine's current start, or empty where it has none."""
    return BOOT_ID.read_text("ascii").strip() if BOOT_ID.exists() else ""


def _start_epoch(journal: Journal, boot: str, sync_interval_s: float) -> None:
    state = journal.state
    if not state.boot:
        journal.note(Note(boot=boot))
        return
    skipped: dict[str, Ranges] = {}
    if not state.ended and (journal.was_damaged or boot != state.boot):
        skipped = state.skip_lost(sync_interval_s)
    dropped = {str(MissingReason.SPOOL_TORN): skipped} if skipped else {}
    journal.note(Note(epoch=state.epoch + 1, boot=boot, dropped=dropped, ended=False, sealed=False))
    log.info(
        "journal_reopened",
        session=state.session,
        epoch=state.epoch,
        owed=state.owes,
        cut_bytes=journal.cut_bytes,
        damaged_bytes=journal.damaged_bytes,
        skipped={name: numbers.flat() for name, numbers in skipped.items()},
    )


def _free_bytes(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _folder_bytes(folder: Path) -> int:
    try:
        return sum(_size(path) for path in folder.iterdir())
    except FileNotFoundError:  # another process wiped it meanwhile
        return 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # another process removed it meanwhile
        return 0
