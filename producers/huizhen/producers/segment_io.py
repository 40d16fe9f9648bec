"""One segment file of a journal: append, read back, sync. What a record is and how damage is read: journal.py."""

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from huizhen.producers.journal import HEAD_BYTES, SOURCE_MAX, Entry, Kind, Scan, is_whole, read_head, read_record, scan

PIXELS = (Kind.FRAME, Kind.FAILED)
Found = tuple[Entry, bytes]


@dataclass(slots=True)
class Segment:
    """A segment: `ranges` gives the lowest and highest frame number in it by source."""

    path: Path
    size_bytes: int = 0
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)
    _offsets: dict[tuple[str, int], int] | None = None

    def append(self, fd: int, entry: Entry, record: bytes) -> None:
        """Write a record at the end; raises OSError and leaves the file as it was where the disk refuses."""
        try:
            _write_all(fd, record)
        except OSError:
            os.ftruncate(fd, self.size_bytes)
            raise
        self._count(entry, self.size_bytes)
        self.size_bytes += len(record)

    def read(self, source: str, number: int) -> Found | None:
        """Read a frame back; None where it is not here, damaged, or the file was removed meanwhile."""
        offset = self.offsets().get((source, number))
        if offset is None:
            return None
        with self.path.open("rb") as file:
            file.seek(offset)
            placed = read_head(file.read(HEAD_BYTES + SOURCE_MAX))
            if placed is None:
                return None
            file.seek(offset)
            data = file.read(placed.end)
        record = read_record(data)
        if record is None or not is_whole(data, record):
            return None
        return record.entry, data[record.payload : record.end]

    def holds(self, source: str, number: int) -> bool:
        """Say whether the number lies in the segment's range."""
        first, last = self.ranges.get(source, (1, 0))
        return first <= number <= last

    def offsets(self) -> dict[tuple[str, int], int]:
        """Give where each frame's record stands, read from the file where it was forgotten."""
        if self._offsets is None:
            self._offsets = {}
            with mapped(self.path) as data:
                for record in scan(data, payloads=False).records:
                    self._count(record.entry, record.offset)
        return self._offsets

    def forget_offsets(self) -> None:
        """Give their memory back."""
        self._offsets = None

    def load(self, payloads: bool) -> tuple[Scan, list[Found]]:
        """Read the segment; give what stands in it and its records, without the pixels' payloads."""
        self._offsets = {}
        with mapped(self.path) as data:
            found = scan(data, payloads)
            self.size_bytes = len(data)
            for record in found.records:
                self._count(record.entry, record.offset)
            records = [
                (r.entry, b"" if r.entry.kind in PIXELS else bytes(data[r.payload : r.end])) for r in found.records
            ]
        return found, records

    def cut(self, size_bytes: int) -> None:
        """Cut a damaged tail off."""
        os.truncate(self.path, size_bytes)
        self.size_bytes = size_bytes

    def _count(self, entry: Entry, offset: int) -> None:
        if entry.kind in PIXELS:
            first, _ = self.ranges.get(entry.source, (entry.number, 0))
            self.ranges[entry.source] = (first, entry.number)
            if self._offsets is not None:
                self._offsets[entry.source, entry.number] = offset


def create(path: Path, entry: Entry, record: bytes) -> tuple[Segment, int]:
    """Make a segment with its first record, and the descriptor to append by; raises OSError and leaves nothing."""
    segment, fd = Segment(path, _offsets={}), open_to_append(path)
    try:
        segment.append(fd, entry, record)
    except OSError:
        os.close(fd)
        path.unlink()
        raise
    return segment, fd


def open_to_append(path: Path) -> int:
    """Open a segment for appending; only its owner may read it, since frames show patients."""
    return os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)


def sync_folder(folder: Path) -> None:
    """Make new and removed names survive a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def mapped(path: Path) -> Iterator[memoryview]:
    """Map a file for reading, so that a scan of heads touches only their pages."""
    size = path.stat().st_size
    if size == 0:
        yield memoryview(b"")
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as area:
        view = memoryview(area)
        try:
            yield view
        finally:
            view.release()


def _write_all(fd: int, record: bytes) -> None:
    left = memoryview(record)
    while left:
        left = left[os.write(fd, left) :]
