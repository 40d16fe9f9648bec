"""The built page and the browser tests' packages: made once where they are missing or older than their sources."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "api" / "web"
PAGE = ROOT / "api" / "huizhen" / "api" / "page" / "index.html"
STAMP = WEB / "node_modules" / ".package-lock.json"
NPM_S = 300


def node() -> str:
    """Give the path of node; raises AssertionError with what to do where there is none."""
    found = shutil.which("node")
    assert found is not None, "node is missing: install Node 20.19 or later"
    return found


def ensure_built() -> None:
    """Install and build where needed."""
    if not STAMP.exists() or STAMP.stat().st_mtime < (WEB / "package-lock.json").stat().st_mtime:
        _npm("ci")
    newest = max(each.stat().st_mtime for each in _sources())
    if not PAGE.exists() or PAGE.stat().st_mtime < newest:
        _npm("run", "build")


def _sources() -> list[Path]:
    files = [each for folder in ("src", "public") for each in (WEB / folder).rglob("*") if each.is_file()]
    return [*files, WEB / "index.html", WEB / "vite.config.ts", WEB / "package-lock.json"]


def _npm(*arguments: str) -> None:
    npm = shutil.which("npm")
    assert npm is not None, "npm is missing: install Node 20.19 or later"
    done = subprocess.run(
        [npm, *arguments],
        cwd=WEB,
        capture_output=True,
        text=True,
        timeout=NPM_S,
        check=False,
        env=os.environ | {"CI": "1"},
    )
    assert done.returncode == 0, f"npm {' '.join(arguments)}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
