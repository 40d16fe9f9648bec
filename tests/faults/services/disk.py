"""A small disk that can be full: a tmpfs where we may mount one, else a folder like any other."""

import shutil
import subprocess
from pathlib import Path
from types import TracebackType

MOUNT, UMOUNT = "/bin/mount", "/bin/umount"
SIZE_MIB = 24
BLOCK = bytes(64 << 10)


class Disk:
    """A disk of its own for some parts' state, for as long as the block lasts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_real = False
        """Whether its end is the kernel's (ENOSPC)"""

    def __enter__(self) -> "Disk":
        self.folder.mkdir(parents=True)
        command = [MOUNT, "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(self.folder)]
        try:
            self.is_real = subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 0
        except OSError:
            self.is_real = False
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.is_real:
            subprocess.run([UMOUNT, "--lazy", str(self.folder)], capture_output=True, timeout=30, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> None:
        """Leave no byte; only a real one can be filled."""
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while file.write(BLOCK):
                    pass
            except OSError:
                return

    def empty(self) -> None:
        """Give the room back."""
        self._ballast.unlink()
