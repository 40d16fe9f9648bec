"""Keep used sign-in codes over a restart, so that a code stays used."""

import os
from pathlib import Path

LINES_MAX = 20_000


class UsedCodes:
    """A file of lines `expiry jti`, appended and flushed before a code counts as used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def load(self, now_s: float) -> dict[str, float]:
        """Read the codes that are still valid; older ones leave the file."""
        lines = self._path.read_text("utf-8").splitlines()[-LINES_MAX:] if self._path.exists() else []
        found = {}
        for line in lines:
            expiry, _, jti = line.partition(" ")
            if expiry.isdecimal() and jti and int(expiry) > now_s:
                found[jti] = float(expiry)
        fresh = self._path.with_suffix(".new")
        fresh.write_text("".join(f"{int(until)} {jti}\n" for jti, until in found.items()), "utf-8")
        fresh.chmod(0o600)
        fresh.replace(self._path)
        return found

    def add(self, jti: str, expires_at_s: float) -> None:
        """Write a used code and wait until the disk has it."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{int(expires_at_s) + 1} {jti}\n")
            file.flush()
            os.fsync(file.fileno())
