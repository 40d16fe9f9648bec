"""Write an export to a folder: all of it, or nothing that looks like an export."""

import contextlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from huizhen.schemas.ids import SessionId
from huizhen.sinks.export import Exported

UNFINISHED = ".part"  # what a killed export leaves ends so; the next one of the same session removes it


def write_export(files: Iterable[Exported], folder: Path, session: SessionId) -> int:
    """Write the files below `folder` and say how many; they appear there after the last one was written.

    OSError and what `files` raises leave the folder as it was.
    """
    beside = folder / f"{session}{UNFINISHED}"
    shutil.rmtree(beside, ignore_errors=True)
    was_there = folder.is_dir()
    paths = []
    try:
        for each in files:
            target = beside / each.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(each.data)
            paths.append(each.path)
        for path in paths:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (beside / path).replace(folder / path)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        if not was_there:
            with contextlib.suppress(OSError):  # it holds the export
                folder.rmdir()
    return len(paths)
