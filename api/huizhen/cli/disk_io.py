"""Look at free disk space."""

import shutil
from pathlib import Path

RECOVERED_PERCENT = 110  # held parts go on when this much of the limit is free: no flutter at the edge


def free_bytes(folder: Path) -> int:
    """Give the free bytes of the disk that holds a folder (or its nearest parent that exists)."""
    here = folder.absolute()
    while not here.exists():
        here = here.parent
    return shutil.disk_usage(here).free


def is_low(free: int, limit: int, was_low: bool) -> bool:
    """Decide whether the disk counts as low."""
    return free * 100 < limit * (RECOVERED_PERCENT if was_low else 100)
