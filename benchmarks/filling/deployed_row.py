"""The `path` of filling through a whole deployment, as a viewer sees it: with and without loss in turns, in one run."""

import time
from typing import Any

from benchmarks.rig import Rig, deployment, percentile, wait_for_session, watch

from huizhen.cli.demo import exam_file

TURNS = 4  # without loss, with, without, with
VGA = ("--profile", "us-640x480")
WARM_S = 3.0
RATE_HZ = 30
WITHHELD_PERCENT = 5


def deployed_row(seconds: float) -> dict[str, Any]:
    """Capture to viewer of 640 x 480 RGB at 30 frames/s, 5 % of the detail packets withheld; wall milliseconds."""
    ms: dict[str, list[float]] = {"no_loss": [], "whole": [], "damaged": []}
    with deployment() as rig:
        for turn in range(TURNS):
            percent = WITHHELD_PERCENT if turn % 2 else 0
            for header, latency_ms in _seen(rig, f"path-{turn}-{time.time_ns()}", percent, seconds / TURNS):
                if header["revision"] == 0:
                    kind = "no_loss" if not percent else "whole" if header["exact"] else "damaged"
                    ms[kind].append(latency_ms)
    middle = {kind: percentile(taken, 0.5) for kind, taken in ms.items()}
    return {
        "name": "path-deployed",
        "method": "capture to viewer through Kafka, all parts running",
        "target": "damaged frames <= +15 ms, whole frames <= +1 ms over no loss",
        "mask": f"{WITHHELD_PERCENT} % of the detail packets withheld, 640 x 480 RGB, wall time",
        "ms": middle["damaged"],
        "p99_ms": percentile(ms["damaged"], 0.99),
        "min_ms": min(ms["damaged"], default=None),
        "db": None,
        "ssim": None,
        "no_loss_ms": middle["no_loss"],
        "damaged_over_no_loss_ms": middle["damaged"] - middle["no_loss"],
        "whole_over_no_loss_ms": middle["whole"] - middle["no_loss"],
        "seen": {kind: len(taken) for kind, taken in ms.items()},
        "rivals": {},
    }


def _seen(rig: Rig, session: str, percent: int, seconds: float) -> list[tuple[dict[str, Any], float]]:
    """Give the headers and latencies that a viewer of one station had after warming up."""
    settings = {
        "HUIZHEN_STATION__PACKETS_PER_FRAME": "5",
        "HUIZHEN_STATION__WITHHOLD_DETAIL_PERCENT": str(percent),
    }
    frames = str(int((seconds + WARM_S + 15) * RATE_HZ))
    arguments = (str(exam_file()), *VGA, "--loop", "--rate", str(RATE_HZ), "--frames", frames, "--session", session)
    station = rig.station(*arguments, **settings)
    try:
        person = rig.person()
        wait_for_session(person, session, 90)
        watch(person, session, WARM_S)
        return [(one.header, one.latency_ms) for one in watch(person, session, seconds)]
    finally:
        station.terminate()
        station.wait(30)
