"""Each fuzz target runs for a while in a process of its own; a crash leaves its input beside the message."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TARGETS = sorted(path.name for path in HERE.glob("*.py") if not path.name.startswith(("test_", "__")))
SECONDS = 600 if os.environ.get("HUIZHEN_TEST_FULL") == "1" else 20


@pytest.mark.timeout(SECONDS + 60)
@pytest.mark.parametrize("target", TARGETS)
def test_hostile_bytes_give_a_value_or_the_documented_error(target: str) -> None:
    command = [sys.executable, str(HERE / target), str(SECONDS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS + 50, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "number_of_executed_units" in done.stderr
