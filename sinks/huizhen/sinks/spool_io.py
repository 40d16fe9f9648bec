"""Frames that wait to be stored, one file each, in a folder of this machine; it is emptied at start.

Nothing here has to survive: what waits holds its offset back, so a restart reads it from Kafka again. Files, because a
range of large frames does not fit the part's 256 MB, and because they cost nothing that the page cache does not hold.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from huizhen.schemas.errors import Unavailable
from huizhen.sinks.frames import Ref

RETRY_S = 5.0


class FolderSpool:
    """Keeps frames under a folder; raises Unavailable where the disk has less than `min_free_bytes` left."""

    def __init__(self, folder: Path, min_free_bytes: int) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        self._folder = folder
        self._min_free_bytes = min_free_bytes
        self._count = 0

    def put(self, codestream: bytes) -> Ref:
        """Keep a frame's codestream."""
        if shutil.disk_usage(self._folder).free < self._min_free_bytes:
            raise Unavailable("disk space (disk_min_free_bytes)", RETRY_S)
        self._count += 1
        ref = Ref(f"{self._count}.jph", len(codestream))
        try:
            (self._folder / ref.name).write_bytes(codestream)
        except OSError as error:
            (self._folder / ref.name).unlink(missing_ok=True)
            raise Unavailable(f"the spool ({error.strerror})", RETRY_S) from error
        return ref

    def get(self, ref: Ref) -> bytes:
        """Read a frame's codestream."""
        return (self._folder / ref.name).read_bytes()

    def forget(self, ref: Ref) -> None:
        """Delete a frame's bytes; a second time does nothing."""
        (self._folder / ref.name).unlink(missing_ok=True)

    @contextmanager
    def scratch(self) -> Iterator[BinaryIO]:
        """Give an empty file that is gone afterwards."""
        with tempfile.TemporaryFile(dir=self._folder) as file:
            try:
                yield file
            except OSError as error:
                if error.errno is None:
                    raise
                raise Unavailable(f"the spool ({error.strerror})", RETRY_S) from error
