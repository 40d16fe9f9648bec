"""One session's journal on disk, used by all threads of one process. Its format and rules: journal.py.

Appending is a write into the page cache; `sync`, called by the spool's own thread, makes it survive a power cut.
"""

import fcntl
import os
import threading
from hashlib import sha256
from pathlib import Path

import structlog

from huizhen.producers.delta import Delta, apply_delta, base_of
from huizhen.producers.journal import Entry, Kind, Stood, write_record
from huizhen.producers.journal_note import Note, write_note
from huizhen.producers.journal_state import JournalState, SourceState, fold, write_state
from huizhen.producers.retention import Holding
from huizhen.producers.segment_io import Found, Segment, create, open_to_append, sync_folder
from huizhen.schemas.errors import BadInput, Unavailable

log = structlog.get_logger()
SUFFIX = ".hzj"
OFFSETS_KEPT = 2  # closed segments whose offsets stay in memory: backfill reads one after another


class Journal:
    """A session's journal; raises Unavailable where another process has it open or the disk refuses it."""

    def __init__(self, folder: Path, session: str, segment_bytes: int) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._lock = threading.RLock()
        self._segments: list[Segment] = []
        self._recent: list[Segment] = []
        self._retired: list[int] = []
        self._dirty = self._folder_dirty = False
        self.state = JournalState(session)
        self.cut_bytes = self.damaged_bytes = 0
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._guard = self._take_guard()
        self._recover()
        self._fd = self._open_last()

    @property
    def was_damaged(self) -> bool:
        """Say whether opening found bytes that are no records."""
        return bool(self.cut_bytes or self.damaged_bytes)

    @property
    def size_bytes(self) -> int:
        """Bytes on disk."""
        with self._lock:
            return sum(segment.size_bytes for segment in self._segments)

    def age_s(self, now_s: float) -> float:
        """Seconds since it was last written; `now_s`: seconds since 1970."""
        with self._lock:
            return now_s - self._segments[-1].path.stat().st_mtime

    def append(self, entry: Entry, payload: bytes, delta: Delta | None = None) -> Stood:
        """Append a frame: as its difference, where the frame it leans on stands in the segment that is written."""
        with self._lock:
            stood = Stood.DELTA if delta is not None and self._leans_well(entry.source, delta.base) else Stood.WHOLE
            record = write_record(entry, delta.payload if delta is not None and stood is Stood.DELTA else payload)
            if not self._write(entry, record):
                return Stood.REFUSED
            self.state.add_frame(entry)
            return stood

    def note(self, note: Note) -> bool:
        """Take a note in; False where the disk refuses it, so that it holds until the process ends only."""
        entry = Entry(Kind.NOTE)
        with self._lock:
            self.state.add_note(note)
            return self._write(entry, write_record(entry, write_note(note)))

    def snapshot(self) -> dict[str, SourceState]:
        """Copy what it says of each source, all at one moment."""
        with self._lock:
            return {name: source.copy() for name, source in self.state.sources.items()}

    def read(self, source: str, number: int) -> Found | None:
        """Read a frame back, whole; None where it, or the frame it leans on, is not here or damaged."""
        with self._lock:
            segment = next((s for s in reversed(self._segments) if s.holds(source, number)), None)
            if segment is None:
                return None
            self._remember(segment)
            found = segment.read(source, number)
            base = None if found is None or found[0].kind is not Kind.FRAME else base_of(found[1])
            leant_on = None if base is None else segment.read(source, base)
        if found is None or base is None:
            return found
        return None if leant_on is None else _put_together(leant_on[1], found)

    def holdings(self) -> list[Holding]:
        """List the segments for the rules of retention."""
        with self._lock:
            owed = {name: source.owed() for name, source in self.state.sources.items()}
            return [
                Holding(
                    session=self.state.session,
                    name=segment.path.name,
                    size_bytes=segment.size_bytes,
                    written_at_s=segment.path.stat().st_mtime,
                    delivered=not any(owed[name].meets(*pair) for name, pair in segment.ranges.items()),
                    active=segment is self._segments[-1],
                )
                for segment in self._segments
            ]

    def remove(self, name: str) -> dict[str, tuple[int, int]]:
        """Delete a closed segment; give the frame numbers it held, by source."""
        with self._lock:
            segment = next(s for s in self._segments[:-1] if s.path.name == name)
            self._segments.remove(segment)
            segment.path.unlink(missing_ok=True)
            self._folder_dirty = True
            return segment.ranges

    def sync(self) -> None:
        """Make everything appended so far survive a power cut; raises OSError where the disk fails."""
        with self._lock:
            fds, self._retired = self._retired, []
            if self._dirty:
                fds.append(os.dup(self._fd))
            folder_dirty, self._dirty, self._folder_dirty = self._folder_dirty, False, False
        try:
            for fd in fds:
                os.fdatasync(fd)
        finally:
            for fd in fds:
                os.close(fd)
        if folder_dirty:
            sync_folder(self._folder)

    def wipe(self) -> None:
        """Delete everything: the archive has it."""
        with self._lock:
            self.close()
            for path in sorted(self._folder.iterdir()):
                path.unlink(missing_ok=True)
            self._folder.rmdir()
            self._segments = []

    def close(self) -> None:
        """Sync and let go; closing twice is well."""
        with self._lock:
            if self._fd >= 0:
                self.sync()
                os.close(self._fd)
                os.close(self._guard)
                self._fd = self._guard = -1

    def _leans_well(self, source: str, base: int) -> bool:
        segment = self._segments[-1]
        return segment.size_bytes < self._segment_bytes and (source, base) in segment.offsets()

    def _take_guard(self) -> int:
        guard = os.open(self._folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(guard)
            raise Unavailable(f"the journal of session {self.state.session} (another capture writes it)") from error
        return guard

    def _recover(self) -> None:
        paths = sorted(self._folder.glob("*" + SUFFIX))
        for path in paths:
            last = path == paths[-1]
            segment = Segment(path)
            found, records = segment.load(payloads=last)
            self.state = fold(self.state, records)
            self.damaged_bytes += sum(end - start for start, end in found.damaged)
            if last and found.end < segment.size_bytes:
                self.cut_bytes = segment.size_bytes - found.end
                self.damaged_bytes -= self.cut_bytes
                segment.cut(found.end)
            self._segments.append(segment)
            self._remember(segment)

    def _open_last(self) -> int:
        if self._segments and self._segments[-1].size_bytes:
            return open_to_append(self._segments[-1].path)
        for empty in self._segments[-1:]:
            empty.path.unlink()
            self._segments.remove(empty)
        try:
            return self._new_segment()
        except OSError as error:
            os.close(self._guard)
            raise Unavailable(f"the journal's disk ({error.strerror})") from error

    def _new_segment(self) -> int:
        serial = int(self._segments[-1].path.stem) + 1 if self._segments else 0
        entry = Entry(Kind.STATE)
        record = write_record(entry, write_state(self.state))
        segment, fd = create(self._folder / f"{serial:08d}{SUFFIX}", entry, record)
        self._segments.append(segment)
        self._dirty = self._folder_dirty = True
        return fd

    def _write(self, entry: Entry, record: bytes) -> bool:
        try:
            if self._segments[-1].size_bytes >= self._segment_bytes:
                full, fd = self._segments[-1], self._new_segment()
                self._retired.append(self._fd)
                self._fd = fd
                self._remember(full)
            self._segments[-1].append(self._fd, entry, record)
        except OSError as error:
            log.error("journal_write_failed", session=self.state.session, error=error.strerror)
            return False
        self._dirty = True
        return True

    def _remember(self, segment: Segment) -> None:
        if segment is self._segments[-1]:
            return
        if segment in self._recent:
            self._recent.remove(segment)
        self._recent.append(segment)
        while len(self._recent) > OFFSETS_KEPT:
            self._recent.pop(0).forget_offsets()


def _put_together(base: bytes, found: Found) -> Found | None:
    entry, payload = found
    try:
        stream = apply_delta(base, payload)
    except BadInput:
        return None
    return (entry, stream) if sha256(stream).digest() == entry.frame_digest else None
