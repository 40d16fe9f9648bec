"""The rivals that clash with the project's own packages, in an environment and a process of their own.

They are installed from `benchmarks/rivals.lock` into `.venv/rivals` when they are first wanted. Where that fails, the
two that the project's OpenCV has are run with the project's own Python, and the benchmark says so.
"""

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LOCK = Path(__file__).parents[1] / "rivals.lock"
HOME = Path(__file__).parents[2] / ".venv" / "rivals"
CHILD = Path(__file__).with_name("rival_child.py")
INSTALL_LIMIT_S = 240.0
PLAIN = ("ns", "telea")  # in the project's own OpenCV
Mask = NDArray[np.bool_]


def install() -> str:
    """Install the rivals if they are not there; return why that failed, or nothing."""
    stamp = HOME / "installed.lock"
    if stamp.is_file() and stamp.read_text() == LOCK.read_text():
        return ""
    try:
        venv.EnvBuilder(clear=True, with_pip=True).create(HOME)
        command: list[str | Path] = [
            HOME / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--quiet",
        ]
        subprocess.run(
            [*command, "--require-hashes", "-r", LOCK],
            check=True,
            capture_output=True,
            text=True,
            timeout=INSTALL_LIMIT_S,
        )
    except subprocess.CalledProcessError as error:
        return f"could not install the rivals: {error.stderr or error.returncode}"[-300:]
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"could not install the rivals: {error}"[-300:]
    stamp.write_text(LOCK.read_text())
    return ""


class Rivals:
    """A running process of the rivals; use it as a context."""

    def __init__(self) -> None:
        self.missing = install()
        python = Path(sys.executable) if self.missing else HOME / "bin" / "python"
        self._folder = tempfile.TemporaryDirectory(prefix="huizhen-rivals-")
        self._child = subprocess.Popen([python, CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.version = str(self._read()["opencv"])

    def __enter__(self) -> "Rivals":
        return self

    def __exit__(self, *_: object) -> None:
        self._child.communicate(timeout=30)
        self._folder.cleanup()

    def has(self, method: str) -> bool:
        """Say whether a rival is there."""
        return not self.missing or method in PLAIN

    def fill(
        self, method: str, picture: NDArray[np.generic], known: Mask, repeats: int = 1
    ) -> tuple[NDArray[np.float32], list[float]] | None:
        """Let a rival fill a picture of 0 to 255; give the picture and its times, or None if it cannot."""
        if not self.has(method):
            return None
        at = Path(self._folder.name)
        np.save(at / "picture.npy", picture.astype(np.float32))
        np.save(at / "known.npy", known)
        job = {"method": method, "repeats": repeats} | {
            name: str(at / f"{name}.npy") for name in ("picture", "known", "filled")
        }
        answer = self._ask(job)
        return None if "error" in answer else (np.load(at / "filled.npy"), answer["ms"])

    def sample(self, name: str) -> NDArray[np.float32] | None:
        """Give a sample picture of scikit-image in grey."""
        if self.missing:
            return None
        path = Path(self._folder.name) / "sample.npy"
        answer = self._ask({"method": "sample", "name": name, "filled": str(path)})
        return None if "error" in answer else np.load(path)

    def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        assert self._child.stdin
        self._child.stdin.write(json.dumps(job) + "\n")
        self._child.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._child.stdout
        answer: dict[str, Any] = json.loads(self._child.stdout.readline())
        return answer


if __name__ == "__main__":
    sys.exit(install())
