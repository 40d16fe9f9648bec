import json
import os
import subprocess
import sys
from pathlib import Path

RUN = (
    "import sys; from huizhen.processors.main import run; from huizhen.schemas.settings import Settings;"
    "sys.exit(run(Settings()))"
)


def test_profiles_that_cannot_be_read_end_the_worker_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "console.toml").write_text('id = "console"\nversion = 0')
    env = os.environ | {"HUIZHEN_PROCESSOR__PROFILES": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", RUN], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 78, done.stderr
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["error"] == "profile 'console': version is '0', it must be 1 or more"
