"""The station of `demo --once` ends with its run."""

import subprocess
from pathlib import Path

import pytest

from huizhen.cli import once_io
from huizhen.schemas.settings import Settings


def test_a_run_that_breaks_off_leaves_no_station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once_io, "run", lambda *_: ["sleep", "60"])
    started: list[subprocess.Popen[bytes]] = []

    def break_off() -> None:
        with once_io._station(Path("x"), "demo-1", Settings(state=tmp_path)) as station:
            started.append(station)
            assert station.poll() is None
            raise TimeoutError

    with pytest.raises(TimeoutError):
        break_off()
    assert started[0].poll() is not None
    assert (tmp_path / "logs" / "capture-once.log").exists()
