"""The originals of frames that a station could not read: they may name the patient, so they never leave it.

`<journals>/.rejected/<session>/<source>-<number>`, readable by its owner only. They take a quarter of the journals'
limit at most and count towards it. A session's go when both is true: the archive has said that it stored the session,
and they are older than the days a journal is kept. What was never stored stays until a person deletes it.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from huizhen.schemas.ids import SLUG
from huizhen.schemas.rejected import ORIGINAL_MAX

log = structlog.get_logger()
FOLDER = ".rejected"
STORED = ".stored"
FILES_MAX = 10_000  # all are looked at every few seconds
SHARE = 4  # a quarter of the journals' limit: a source that is never readable must not stop the others


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is kept of all sessions."""

    sessions: int = 0
    files: int = 0
    size_bytes: int = 0


class Originals:
    """The folder of kept originals; its owner holds the lock."""

    def __init__(self, journals: Path, max_bytes: int, max_age_s: float) -> None:
        self._root = journals / FOLDER
        self._max_bytes = max_bytes // SHARE
        self._max_age_s = max_age_s
        self.holdings = Holdings()
        self.refresh(time.time())

    def keep(self, session: str, source: str, number: int, original: bytes) -> str:
        """Keep the original of a frame, its first 16 MiB at most; give its place below the folder, or "" where not."""
        original = original[:ORIGINAL_MAX]
        has_room = self.holdings.size_bytes + len(original) <= self._max_bytes and self.holdings.files < FILES_MAX
        if not has_room:
            return ""
        folder = self._root / session
        place = folder / f"{source}-{number}"
        is_new = not folder.exists()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(place, original)
        except OSError as error:
            log.error("original_not_written", session=session, error=error.strerror)
            with contextlib.suppress(OSError):
                place.unlink(missing_ok=True)
            return ""
        had = self.holdings
        self.holdings = Holdings(had.sessions + is_new, had.files + 1, had.size_bytes + len(original))
        return f"{session}/{place.name}"

    def mark_stored(self, session: str) -> None:
        """Note that the archive has the session: its originals go once they are old enough."""
        folder = self._root / session
        if folder.is_dir():
            (folder / STORED).touch(mode=0o600)

    def refresh(self, now_s: float) -> None:
        """Delete what may go, and count what is there; `now_s`: seconds since 1970."""
        for folder in self._folders():
            if (folder / STORED).exists():
                self._wipe_old(folder, now_s)
        self._count()

    def _wipe_old(self, folder: Path, now_s: float) -> None:
        old = [path for path in _files(folder) if now_s - path.stat().st_mtime > self._max_age_s]
        for path in old:
            path.unlink(missing_ok=True)
        if old:
            log.info("originals_wiped", session=folder.name, files=len(old))
        if not any(_files(folder)):
            (folder / STORED).unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # another process has kept one meanwhile
                folder.rmdir()

    def _count(self) -> None:
        sizes = [[path.stat().st_size for path in _files(folder)] for folder in self._folders()]
        self.holdings = Holdings(len(sizes), sum(map(len, sizes)), sum(map(sum, sizes)))

    def _folders(self) -> Iterator[Path]:
        if self._root.is_dir():
            yield from (path for path in self._root.iterdir() if path.is_dir() and SLUG.fullmatch(path.name))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.name != STORED)


def _write(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
