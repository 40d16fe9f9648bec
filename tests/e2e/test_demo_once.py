"""The main job on real parts: a real exam through a real Kafka into a real S3 and back, with loss on the way."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT_S = 240


@pytest.mark.timeout(LIMIT_S + 30)
def test_an_exam_with_loss_is_shown_filled_and_archived_exactly(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "huizhen.cli", "demo", "--once", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert set(found) == {
        "captured", "assembled", "filled", "rejected", "stored", "missing", "pixel_mismatches",
        "latency_p50_ms", "latency_p95_ms",
    }  # fmt: skip
    assert found["captured"] == found["stored"] == found["assembled"] == 300
    assert 30 <= found["filled"] <= 90  # 5 % of four detail packets a frame: 19 % of 300 frames, in the mean 56
    assert (found["rejected"], found["missing"], found["pixel_mismatches"]) == (0, 0, 0)
    assert 0 < found["latency_p50_ms"] <= found["latency_p95_ms"]
