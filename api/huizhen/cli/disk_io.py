"""Look at free disk space."""

import shutil
from pathlib import Path

RECOVERED = 1.1  # held parts go on when this much of the limit is free: no flutter at the edge


def free_bytes(folder: Path) -> int:
    """Give the free bytes of the disk that holds a folder (or its nearest parent that exists)."""
    here = folder.absolute()
    while not here.exists():
        here = here.parent
    return shutil.disk_usage(here).free


def is_low(free: int, limit: int, was_low: bool) -> bool:
    """Decide whether the disk counts as low."""
    return free < limit * (RECOVERED if was_low else 1.0)
