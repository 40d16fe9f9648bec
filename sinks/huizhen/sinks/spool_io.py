"""Frames that wait to be stored: in memory, and beyond a limit one file each in a folder that is emptied at start.

Nothing here has to survive: what waits holds its offset back, so a restart reads it from Kafka again. Files, because a
range of large frames does not fit the part's 256 MB.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from huizhen.schemas.errors import Unavailable
from huizhen.sinks.frames import Ref

RETRY_S = 5.0
MEMORY_BYTES = 32 << 20  # of frames: eight sources of a range each; what is more goes to files
SCRATCH_BYTES = 8 << 20  # of an instance that is put together in memory: a range of 64 ultrasound frames


class FolderSpool:
    """Keeps frames, `memory_bytes` of them in memory and the others under a folder.

    Raises Unavailable where the disk has less than `min_free_bytes` left.
    """

    def __init__(self, folder: Path, min_free_bytes: int, memory_bytes: int = MEMORY_BYTES) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        self._folder = folder
        self._min_free_bytes = min_free_bytes
        self._count = 0
        self._room = memory_bytes
        self._kept: dict[str, bytes] = {}

    def put(self, codestream: bytes) -> Ref:
        """Keep a frame's codestream."""
        if shutil.disk_usage(self._folder).free < self._min_free_bytes:
            raise Unavailable("disk space (disk_min_free_bytes)", RETRY_S)
        self._count += 1
        ref = Ref(f"{self._count}.jph", len(codestream))
        if ref.size <= self._room:
            self._kept[ref.name] = codestream
            self._room -= ref.size
            return ref
        try:
            (self._folder / ref.name).write_bytes(codestream)
        except OSError as error:
            (self._folder / ref.name).unlink(missing_ok=True)
            raise Unavailable(f"the spool ({error.strerror})", RETRY_S) from error
        return ref

    def get(self, ref: Ref) -> bytes:
        """Read a frame's codestream."""
        kept = self._kept.get(ref.name)
        return (self._folder / ref.name).read_bytes() if kept is None else kept

    def forget(self, ref: Ref) -> None:
        """Delete a frame's bytes; a second time does nothing."""
        if self._kept.pop(ref.name, None) is None:
            (self._folder / ref.name).unlink(missing_ok=True)
        else:
            self._room += ref.size

    @contextmanager
    def scratch(self) -> Iterator[BinaryIO]:
        """Give an empty file that is gone afterwards; it stands on disk once it is larger than SCRATCH_BYTES."""
        with tempfile.SpooledTemporaryFile(SCRATCH_BYTES, dir=str(self._folder)) as file:
            try:
                yield cast(BinaryIO, file)
            except OSError as error:
                if error.errno is None:
                    raise
                raise Unavailable(f"the spool ({error.strerror})", RETRY_S) from error
