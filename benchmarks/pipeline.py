"""The live path under load, each row with its rival in the same run: `python benchmarks/pipeline.py [--quick] [ROW …]`.

Rows: one, four, eight, stations, screen, stitch, demo. Each is one line of JSON; figures are of this machine, ratios
count most.
`--quick` measures a fifth of the time.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from benchmarks.bare import two_hops
from benchmarks.rig import HUIZHEN, Rig, as_json, deployment, machine, percentile, wait_for_session, watch

from huizhen.cli.demo import exam_file
from huizhen.cli.viewer_io import Seen

STATIONS = Path(__file__).parent / "stations.py"
WARM_S = 3.0
DEMO_LIMIT_S = 600.0
GATE_S = 120.0
FULL_S = {"one": 30.0, "four": 60.0, "eight": 60.0, "stations": 60.0, "screen": 30.0}
VGA = ("--profile", "us-640x480")
FRAME_BYTES = 97_000  # one 640×480 RGB ultrasound frame, coded


def summary(name: str, seen: list[Seen], bare_ms: list[float]) -> dict[str, Any]:
    """Give latency, rate, drops and the ratio to the rival of what a viewer saw."""
    live = [one for one in seen if one.header["revision"] == 0]
    total = [one.latency_ms for one in live]
    closed = [(int(one.header["closed_at_ns"]) - int(one.header["captured_at_ns"])) / 1e6 for one in live]
    span_s = (live[-1].arrived_ns - live[0].arrived_ns) / 1e9 if len(live) > 1 else float("nan")
    return {
        "row": name,
        "frames": len(live),
        "rate_hz": (len(live) - 1) / span_s,
        "p50_ms": percentile(total, 0.5),
        "p95_ms": percentile(total, 0.95),
        "capture_to_closed_p50_ms": percentile(closed, 0.5),
        "capture_to_closed_p95_ms": percentile(closed, 0.95),
        "dropped_for_viewer": live[-1].header["dropped"] if live else 0,
        "bare_p50_ms": percentile(bare_ms, 0.5),
        "bare_p95_ms": percentile(bare_ms, 0.95),
        "ratio_p50": percentile(total, 0.5) / percentile(bare_ms, 0.5),
    }


def watched(
    rig: Rig, station: "subprocess.Popen[bytes]", session: str, seconds: float
) -> tuple[list[Seen], dict[str, float]]:
    """Give what a viewer saw of a station's session after warming up, and its cost; the station is ended."""
    try:
        person = rig.person()
        wait_for_session(person, session)
        watch(person, session, WARM_S)
        before = cpu_of(rig, [station])
        seen = watch(person, session, seconds)
        rig.sample_memory()
        costs = spent(before, cpu_of(rig, [station]), len(seen))
    finally:
        station.terminate()
        station.wait(20)
    return seen, costs


def cpu_of(rig: Rig, stations: "list[subprocess.Popen[bytes]]") -> dict[str, float]:
    """Give the CPU seconds used so far by each part, the stations together, and this process with its viewers."""
    own = (psutil.Process(station.pid) for station in stations)
    families = ([process, *process.children(recursive=True)] for process in own)
    capture = sum(sum(process.cpu_times()[:2]) for family in families for process in family)
    return rig.cpu_s() | {"capture": capture}


def spent(before: dict[str, float], after: dict[str, float], frames: int) -> dict[str, float]:
    """Give CPU milliseconds per frame by part."""
    return {f"{name}_cpu_ms": (after[name] - before.get(name, 0.0)) * 1e3 / max(1, frames) for name in sorted(after)}


def one(rig: Rig, seconds: float) -> dict[str, Any]:
    """One 640×480 RGB stream at 30 frames/s, coding included; target: p95 ≤ 50 ms."""
    bare = two_hops(rig.run.kafka, 30, FRAME_BYTES, min(seconds, 10))
    session = f"one-{time.time_ns()}"
    frames = int((seconds + WARM_S + 5) * 30)
    arguments = (str(exam_file()), *VGA, "--loop", "--rate", "30", "--frames", str(frames), "--session", session)
    station = rig.station(*arguments)
    seen, costs = watched(rig, station, session, seconds)
    return summary("one", seen, bare) | costs | {"target_p95_ms": 50}


def on_other_machines(rig: Rig, names: list[str], seconds: float, gate: Path) -> "list[subprocess.Popen[bytes]]":
    """Replay tiles coded beforehand without any other work of a station: in life it is done on other machines."""
    return [rig.own_station("-m", "benchmarks.replayer", str(seconds), str(exam_file()), str(gate), *names)]


def on_this_machine(rig: Rig, names: list[str], seconds: float, gate: Path) -> "list[subprocess.Popen[bytes]]":
    """Replay tiles coded beforehand by whole stations, with journals, progress and backfill."""
    frames = str(int(seconds * 30))
    return [rig.own_station(str(STATIONS), "coded", name, frames, str(exam_file()), str(gate)) for name in names]


Stations = Callable[[Rig, list[str], float, Path], "list[subprocess.Popen[bytes]]"]


def streams(count: int, begin: Stations = on_other_machines) -> Callable[[Rig, float], dict[str, Any]]:
    """Several streams whose stations replay tiles coded beforehand; target: lag flat, p95 ≤ 100 ms at eight."""

    def row(rig: Rig, seconds: float) -> dict[str, Any]:
        bare = two_hops(rig.run.kafka, 30, FRAME_BYTES, min(seconds, 10), count)
        names = [f"many-{count}-{number}-{time.time_ns()}" for number in range(count)]
        gate = Path(tempfile.mkdtemp(dir=rig.state))
        stations = begin(rig, names, seconds + WARM_S + 15, gate)
        try:
            person = rig.person()
            open_gate(gate, len(stations))
            for name in names:
                wait_for_session(person, name, 60)
            watch(person, names[0], WARM_S)
            stored_before, cpu_before, began = rig.stored(person, names), cpu_of(rig, stations), time.monotonic()
            third = [watch(person, names[0], seconds / 3) for _ in range(3)]
            rig.sample_memory()
            took_s = time.monotonic() - began
            costs = spent(cpu_before, cpu_of(rig, stations), round(30 * count * took_s))
            archived = rig.stored(person, names) - stored_before
            behind_s = rig.metrics("archive")["huizhen_archive_lag_seconds"]
        finally:
            for station in stations:
                station.terminate()
            for station in stations:
                station.wait(20)
        seen = [one for part in third for one in part]
        drift = [percentile([one.latency_ms for one in part], 0.5) for part in third]
        return (
            summary(f"streams-{count}-{begin.__name__.replace('_', '-')}", seen, bare)
            | costs
            | {
                "lag_first_third_ms": drift[0],
                "lag_last_third_ms": drift[2],
                "archived_frames_per_s": archived / took_s,
                "captured_frames_per_s": 30.0 * count,
                "archive_lag_s": behind_s,
                "target_p95_ms": 100,
            }
        )

    return row


def open_gate(gate: Path, count: int) -> None:
    """Let stations begin, all at once, when all are ready."""
    until_s = time.monotonic() + GATE_S
    while len(list(gate.glob("ready-*"))) < count:
        if time.monotonic() > until_s:
            raise TimeoutError(f"fewer than {count} stations are ready")
        time.sleep(0.1)
    (gate / "go").touch()


def screen(rig: Rig, seconds: float) -> dict[str, Any]:
    """A 1080p screen with under 10 % of its tiles changing; target: ≥ 15 frames/s, p95 ≤ 150 ms."""
    bare = two_hops(rig.run.kafka, 15, 400_000, min(seconds, 10))
    session = f"screen-{time.time_ns()}"
    frames = str(int((seconds + WARM_S + 10) * 15))
    station = rig.own_station(str(STATIONS), "screen", session, frames)
    seen, costs = watched(rig, station, session, seconds)
    return summary("screen-1080p", seen, bare) | costs | {"target_p95_ms": 150, "target_rate_hz": 15}


def stitch() -> dict[str, Any]:
    """Parse packets and stitch a 640×480 RGB frame, against decoding and coding it again; target: ≤ 0.3 ms."""
    from huizhen.schemas import codestream, htj2k

    columns = np.arange(640) * np.ones((480, 1))
    pixels = np.dstack([columns % 256, (columns * 3) % 251, (columns.T[:480, :1] + columns) % 241]).astype(np.uint8)
    header, tiles = htj2k.code_tiles(pixels, 8, False, 128)
    stream = codestream.stitch(header, tiles)

    def timed(work: Callable[[], object]) -> float:
        taken = []
        for _ in range(100):
            begin = time.perf_counter()
            work()
            taken.append((time.perf_counter() - begin) * 1e3)
        return percentile(taken, 0.5)

    ours = timed(lambda: codestream.stitch(header, tiles))
    rival = timed(lambda: htj2k.encode(htj2k.decode(stream), 8, False, 128))
    return {"row": "stitch", "stitch_ms": ours, "recode_ms": rival, "ratio": rival / ours, "target_ms": 0.3}


def demo() -> dict[str, Any]:
    """`huizhen demo --once`, from nothing running to everything read back; target: 60 s once set up."""
    began_s = time.monotonic()
    done = subprocess.run(
        [*HUIZHEN, "demo", "--once", "--json"], capture_output=True, timeout=DEMO_LIMIT_S, check=False
    )
    took_s = time.monotonic() - began_s
    found = json.loads(done.stdout) if done.stdout else {"last_words": done.stderr.decode()[-500:]}
    return {"row": "demo", "took_s": took_s, "target_s": 60, "exit_code": done.returncode, **found}


ALONE = {"stitch": stitch, "demo": demo}
ROWS = {
    "one": one,
    "four": streams(4),
    "eight": streams(8),
    "stations": streams(4, on_this_machine),
    "screen": screen,
}


def main() -> int:
    """Measure the rows that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ALONE, *ROWS, []])
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    names = asked.rows or [*ALONE, *ROWS]
    print(as_json({"machine": machine(), "quick": asked.quick}), flush=True)
    for name in (name for name in names if name in ALONE):
        print(as_json(ALONE[name]()), flush=True)
    for name in (name for name in names if name in ROWS):
        with deployment() as rig:
            print(as_json(ROWS[name](rig, FULL_S[name] / (5 if asked.quick else 1))), flush=True)
            sizes = {part: round(size / (1 << 20)) for part, size in sorted(rig.memory.items())}
            print(as_json({"row": f"{name}-rss_mib", **sizes}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
