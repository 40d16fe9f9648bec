"""Keep ids over a restart: a used sign-in code stays used, an ended sign-in stays ended."""

import os
from pathlib import Path

LINES_MAX = 20_000


class IdFile:
    """A file of lines `expiry id`, appended and flushed before an id counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def load(self, now_s: float) -> dict[str, float]:
        """Read the ids whose time has not come yet, with it (seconds since 1970); older ones leave the file."""
        lines = self._path.read_text("utf-8").splitlines()[-LINES_MAX:] if self._path.exists() else []
        found = {}
        for line in lines:
            expiry, _, name = line.partition(" ")
            if expiry.isdecimal() and name and int(expiry) > now_s:
                found[name] = float(expiry)
        fresh = self._path.with_suffix(".new")
        fresh.write_text("".join(f"{int(until)} {name}\n" for name, until in found.items()), "utf-8")
        fresh.chmod(0o600)
        fresh.replace(self._path)
        return found

    def add(self, name: str, expires_at_s: float) -> None:
        """Write an id and wait until the disk has it."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{int(expires_at_s) + 1} {name}\n")
            file.flush()
            os.fsync(file.fileno())
