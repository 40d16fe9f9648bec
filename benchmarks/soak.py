"""A long run at a quarter of the baseline load: `python benchmarks/soak.py 20`, in minutes; one JSON line per part.

The baseline is 2 sessions of 10 frames/s of 256 KiB and 5 viewers; here: 2.5 frames/s and one viewer each. After
warm-up memory may grow by 1 MB a minute at most, open files and threads not at all; at the end, two minutes after the
stations sealed at the latest, no record waits and every frame is stored. What grows is told as the slope of a line
through all samples, since a single collection of garbage is no trend.
"""

import argparse
import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psutil
from benchmarks.rig import Rig, as_json, deployment, machine, wait_for_session

from huizhen.cli import runstate_io
from huizhen.cli.lag_io import lags
from huizhen.schemas.settings import ArchiveSettings, KafkaSettings, ProcessorSettings
from huizhen.schemas.topics import topics_for

SESSIONS = ("soak-1", "soak-2")
RATE_HZ = 2.5
SIDE = 640  # a phantom of 640 x 640 grey is coded to about 256 KiB
SAMPLE_S = 5.0
WARM_UP = 0.3  # share of the run; Kafka's heap and the caches of allocators fill meanwhile
SETTLE_S = 120.0
MEMORY_MB_PER_MIN = 1.0
COUNT_PER_MIN = 0.2  # open files and threads: one in five minutes, since connections come and go
SERVERS = frozenset({"kafka", "s3"})


@dataclass
class Course:
    """One part over time."""

    minutes: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    files: list[float] = field(default_factory=list)
    threads: list[float] = field(default_factory=list)

    def add(self, minute: float, process: psutil.Process) -> None:
        """Take a sample of a process and its children."""
        family = [process, *process.children(recursive=True)]
        self.minutes.append(minute)
        self.memory_mb.append(sum(each.memory_info().rss for each in family) / 1e6)
        self.files.append(float(sum(each.num_fds() for each in family)))
        self.threads.append(float(sum(each.num_threads() for each in family)))

    def row(self, name: str, from_minute: float) -> dict[str, object]:
        """Say how it went after warm-up."""
        kept = [at for at, minute in enumerate(self.minutes) if minute >= from_minute][
            :-1
        ]  # the last may be of its end
        times = [self.minutes[at] for at in kept]

        def grown(values: Sequence[float]) -> float:
            return slope(times, [values[at] for at in kept])

        memory, files, threads = grown(self.memory_mb), grown(self.files), grown(self.threads)
        well = memory <= MEMORY_MB_PER_MIN and max(files, threads) <= COUNT_PER_MIN
        return {
            "part": name,
            "samples": len(kept),
            "memory_mb": self.memory_mb[-1],
            "memory_mb_per_min": memory,
            "files": self.files[-1],
            "files_per_min": files,
            "threads": self.threads[-1],
            "threads_per_min": threads,
            "flat": well,
        }


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """Give the slope of the line through the points, by least squares; 0 of less than two."""
    if len(times) < 2:
        return 0.0
    middle, mean = sum(times) / len(times), sum(values) / len(values)
    spread = sum((at - middle) ** 2 for at in times)
    return sum((at - middle) * (value - mean) for at, value in zip(times, values, strict=True)) / spread


@contextlib.contextmanager
def viewer(rig: Rig, session: str) -> Iterator[None]:
    """Watch a session and keep nothing of it."""
    stop = threading.Event()
    person = rig.person()
    wait_for_session(person, session)
    watching = person.watch(session)

    def look() -> None:
        with contextlib.suppress(Exception):  # it is closed under it
            for _ in watching.pictures(silence_s=3600):
                if stop.is_set():
                    return

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        watching.close()
        thread.join(10)


def soak(minutes: float) -> bool:
    """Run, print, and say whether all was flat."""
    frames = int(minutes * 60 * RATE_HZ)
    courses: dict[str, Course] = {}
    with deployment() as rig, contextlib.ExitStack() as stack:
        location = f"phantom:?rows={SIDE}&columns={SIDE}&frames={frames}"
        stations = {name: rig.station(location, "--session", name, "--rate", str(RATE_HZ)) for name in SESSIONS}
        for station in stations.values():
            stack.callback(station.kill)
        for session in SESSIONS:
            stack.enter_context(viewer(rig, session))
        begun = time.monotonic()
        while any(station.poll() is None for station in stations.values()):
            minute = (time.monotonic() - begun) / 60
            for name, pid in _pids(rig, stations).items():
                with contextlib.suppress(psutil.Error):
                    courses.setdefault(name, Course()).add(minute, psutil.Process(pid))
            time.sleep(SAMPLE_S)
        waiting, stored = _settled(rig, frames)
    rows = [course.row(name, WARM_UP * minutes) for name, course in courses.items()]
    for row in rows:
        print(as_json(row), flush=True)
    flat = [str(row["part"]) for row in rows if not row["flat"]]
    well = waiting == 0 and stored == frames * len(SESSIONS) and not set(flat) - SERVERS
    verdict = {"minutes": minutes, "machine": machine(), "frames": frames * len(SESSIONS), "stored": stored}
    print(as_json({**verdict, "lag_records": waiting, "not_flat": ", ".join(flat), "well": well}), flush=True)
    return well


def _pids(rig: Rig, stations: "Mapping[str, subprocess.Popen[bytes]]") -> dict[str, int]:
    run = runstate_io.running(rig.state)
    parts = {part.name: part.pid for part in run.parts if part.pid} if run else {}
    return parts | {f"capture {name}": station.pid for name, station in stations.items()}


def _settled(rig: Rig, frames: int) -> tuple[int | None, int]:
    """Wait until nothing waits and all is stored, at most SETTLE_S; give records that wait and frames stored."""
    kafka = KafkaSettings(bootstrap=rig.run.kafka)
    groups, topics = [ProcessorSettings().group, ArchiveSettings().group], topics_for(["clinic"], kafka)
    until_s, person = time.monotonic() + SETTLE_S, rig.person()
    while True:
        found = [count for count in lags(kafka, groups, topics).values() if count is not None]
        waiting, stored = sum(found) if found else None, rig.stored(person, list(SESSIONS))
        if (waiting == 0 and stored == frames * len(SESSIONS)) or time.monotonic() > until_s:
            return waiting, stored
        time.sleep(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", type=float, nargs="?", default=60.0)
    sys.exit(0 if soak(parser.parse_args().minutes) else 1)
