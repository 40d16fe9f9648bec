"""What a consultation feels like: `python -m benchmarks.room [--quick] [--json]`, on a whole deployment.

Capture to painted pixel in a real Chromium, by WebSocket and as WHEP video (the number is read back from the canvas);
how many further viewers of one 640×480 stream of 30 frames/s keep up, each kind alone, as receivers that do not decode;
joining; the page's weight. Viewers run on the same cores. `--quick` ends within a minute.
"""

import argparse
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.rig import TENANT, Rig, as_json, deployment, machine, percentile, wait_for_session
from benchmarks.rooms import numbered

from huizhen.cli.secrets_io import issuer_key
from huizhen.cli.signin_io import sign_in_code

ROOT = Path(__file__).parents[1]
WEB, PAGE = ROOT / "api" / "web", ROOT / "api" / "huizhen" / "api" / "page"
PAINT_S, SEEN_S = 240.0, 10.0
COUNTS = (40, 30, 25, 20, 15, 10, 5)  # viewers tried, until all of them keep up
TARGETS = {"socket": 150.0, "video": 300.0}  # p95 in ms
RATE_SHARE = 0.95  # of the frames a viewer must get to keep up
RATE_HZ = 30
SETTINGS = {
    "HUIZHEN_VIDEO__ADDRESSES": '["127.0.0.1"]',  # no relay on one machine
    "HUIZHEN_API__REQUESTS_PER_MINUTE": "100000",  # who waits for a session asks often
}


@contextmanager
def exam(rig: Rig, seconds: float) -> Iterator[str]:
    """Capture the numbered loop while the block lasts; gives the session."""
    session, file = f"room-{time.time_ns()}", rig.state / "numbered.dcm"
    numbered.write(file)
    arguments = (str(file), "--profile", "us-640x480", "--loop", "--rate", str(RATE_HZ), "--session", session)
    station = rig.station(*arguments, "--frames", str(int(seconds * RATE_HZ)))
    try:
        wait_for_session(rig.person(), session)
        yield session
    finally:
        station.terminate()
        station.wait(20)


def code_of(rig: Rig, subject: str = "dr-room") -> str:
    """Give a one-use sign-in code of somebody."""
    return sign_in_code(issuer_key(rig.state), TENANT, time.time(), subject)


def painted(rig: Rig, session: str, seconds: float) -> dict[str, Any]:
    """Let Chromium watch by socket and as video; give latencies in ms from capture to painted pixel."""
    viewer = rig.person().watch(session)
    link = f"{rig.run.page}#signin={code_of(rig)}"
    cells = {"bits": numbered.BITS, "cell": numbered.CELL_COLUMNS, "top": numbered.TOP, "rows": numbered.CELL_ROWS}
    info = {"page": rig.run.page, "link": link, "session": session, "seconds": seconds, "video": True, **cells}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(info, file)
        file.flush()
        command = [str(shutil.which("node")), "e2e/painted.mjs", file.name]
        with subprocess.Popen(command, cwd=WEB, stdout=subprocess.PIPE) as node:
            captured: list[tuple[int, int]] = []
            for picture in viewer.pictures(silence_s=SEEN_S):
                captured.append((int(picture.header["number"]), int(picture.header["captured_at_ns"])))
                if node.poll() is not None:
                    break
            found = json.loads(node.stdout.read()) if node.stdout else {}
    viewer.close()
    return {
        "join_ms": found["join_ms"],
        "loaded": found["loaded"],
        **{k: latencies(found[k], captured) for k in ("socket", "video")},
    }


def latencies(seen: list[tuple[int, float]], captured: list[tuple[int, int]]) -> list[float]:
    """Give the time from capture to paint of each number that was read: of its newest capture before."""
    times: dict[int, list[float]] = {}
    for number, at_ns in captured:
        times.setdefault(number % numbered.FRAMES, []).append(at_ns / 1e6)
    before = ([ms for ms in times.get(number, []) if ms < at_ms] for number, at_ms in seen)
    return [at_ms - max(ms) for (_, at_ms), ms in zip(seen, before, strict=True) if ms]


def keeps_up(rig: Rig, session: str, kind: str, count: int, seconds: float) -> dict[str, Any]:
    """Let `count` receivers watch; say what they got."""
    person = rig.person()
    codes = (code_of(rig, f"dr-{number}") for number in range(count))  # nobody may watch in many places
    bearers = [person.post("/v1/sign-in", {"code": code})["access_token"] for code in codes]
    given = {"page": rig.run.page, "session": session, "bearers": bearers}
    command = [sys.executable, "-m", "benchmarks.rooms.receivers", kind, str(count), str(seconds)]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        return {"p95_ms": float("nan"), "share": 0.0, "viewers": 0, "failed": done.stderr[-300:]}
    told = json.loads(done.stdout)
    share = len(told["latencies_ms"]) / (count * seconds * RATE_HZ)
    p50, p95 = (percentile(told["latencies_ms"], part) for part in (0.5, 0.95))
    return {"p50_ms": p50, "p95_ms": p95, "share": share, "viewers": told["viewers"], "backwards": told["backwards"]}


def capacity(rig: Rig, session: str, kind: str, counts: tuple[int, ...], seconds: float) -> tuple[int, dict[str, Any]]:
    """Give the largest count of viewers that all keep up within the target, and what was seen of each count."""
    tried: dict[str, Any] = {}
    for count in counts:
        found = tried[str(count)] = keeps_up(rig, session, kind, count, seconds)
        if found["p95_ms"] <= TARGETS[kind] and found["share"] >= RATE_SHARE and found["viewers"] == count:
            return count, tried
    return 0, tried


def page_kb(loaded: list[str]) -> float:
    """Give the gzipped size of what the live page has loaded, its decoder included."""
    return sum(len(gzip.compress((PAGE / name).read_bytes(), 9)) for name in loaded) / 1e3


def measure(quick: bool) -> dict[str, Any]:
    """Measure everything in one deployment."""
    seconds = 5.0 if quick else 30.0
    with deployment(**SETTINGS) as rig, exam(rig, 3600) as session:
        seen = painted(rig, session, seconds)
        counts = {"socket": (25,), "video": (20,)} if quick else {"socket": COUNTS, "video": COUNTS}
        (sockets, tried_sockets), (videos, tried_videos) = (
            capacity(rig, session, kind, counts[kind], seconds) for kind in ("socket", "video")
        )
    return {
        "ws_p50_ms": percentile(seen["socket"], 0.5),
        "ws_p95_ms": percentile(seen["socket"], 0.95),
        "whep_p50_ms": percentile(seen["video"], 0.5),
        "whep_p95_ms": percentile(seen["video"], 0.95),
        "ws_painted": len(seen["socket"]),
        "whep_painted": len(seen["video"]),
        "ws_viewers": sockets,
        "whep_viewers": videos,
        "join_ms": seen["join_ms"],
        "page_kb": page_kb(seen["loaded"]),
        "loaded": seen["loaded"],
        "tried": {"ws": tried_sockets, "whep": tried_videos},
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    began_s = time.monotonic()
    found = {"machine": machine(), "quick": asked.quick, **measure(asked.quick), "took_s": time.monotonic() - began_s}
    print(
        json.dumps(found)
        if asked.json
        else "\n".join(f"{name}: {value}" for name, value in json.loads(as_json(found)).items())
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
