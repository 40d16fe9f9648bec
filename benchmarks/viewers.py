"""What more viewers cost: 640x480 RGB ultrasound at 30 frames/s through a real Kafka to real WebSockets.

    python benchmarks/viewers.py [--viewers 25] [--seconds 10]

Three rounds in one run, one JSON line each: one viewer (the rival), many, and many beside one that reads nothing.
Latency is from the publisher's clock to the message in the viewer's process. Nothing is said of captures, coding or
processors: `pipeline.py` measures the whole.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import imagecodecs
import numpy as np
import psutil
import pydicom
import uvloop
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_frames
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

sys.path.insert(0, str(Path(__file__).parents[1]))

from huizhen.cli.topics_io import ensure_topics
from huizhen.schemas import htj2k
from tests.services import fake_station
from tests.services.api_server import ApiServer
from tests.services.asgi_socket import split
from tests.services.broker import Broker
from tests.services.fake_station import FakeStation, StationFeed
from tests.services.store import Store

RATE_HZ = 30
FRAMES = 8
MESSAGE_MAX = 20 << 20
TENANT, SESSION = "clinic", "exam-1"


def exam() -> list[bytes]:
    """Some frames of a real ultrasound loop, coded as the pipeline carries them."""
    dataset = pydicom.dcmread(get_testdata_file("color3d_jpeg_baseline.dcm"))
    coded = generate_frames(dataset.PixelData, number_of_frames=int(dataset.NumberOfFrames))
    pixels = (np.ascontiguousarray(imagecodecs.jpeg8_decode(next(coded))) for _ in range(FRAMES))
    return [htj2k.encode(one, 8, False, 128) for one in pixels]


async def watch(url: str, ticket: str, until_s: float, latencies_ns: list[int]) -> tuple[int, int]:
    """Watch and paint; give the frames seen and dropped."""
    seen = dropped = 0
    async with connect(url, subprotocols=[Subprotocol("huizhen.live.v1")], compression=None, max_size=MESSAGE_MAX) as s:
        await s.send(json.dumps({"type": "join", "ticket": ticket, "resolution": "full"}))
        while time.time() < until_s:
            message = await s.recv()
            if isinstance(message, bytes):
                arrived_ns = time.time_ns()
                head, _ = split(message)
                latencies_ns.append(arrived_ns - int(head["captured_at_ns"]))
                seen, dropped = seen + 1, head["dropped"]
                await s.send(json.dumps({"type": "painted", "number": head["number"], "revision": head["revision"]}))
    return seen, dropped


async def ignore(url: str, ticket: str, until_s: float) -> None:
    """Join, paint nothing and read nothing."""
    async with connect(url, subprotocols=[Subprotocol("huizhen.live.v1")], compression=None, max_queue=1) as s:
        await s.send(json.dumps({"type": "join", "ticket": ticket, "resolution": "full"}))
        await asyncio.sleep(until_s - time.time())
        s.transport.abort()


async def round_of(url: str, tickets: list[str], seconds: float, idle: bool) -> dict[str, object]:
    """Watch with everybody at once, in this process."""
    latencies_ns: list[int] = []
    until_s = time.time() + seconds
    async with asyncio.TaskGroup() as group:
        if idle:
            group.create_task(ignore(url, tickets.pop(), until_s))
        viewers = [group.create_task(watch(url, ticket, until_s, latencies_ns)) for ticket in tickets]
    ordered = sorted(latencies_ns)
    counts = [viewer.result() for viewer in viewers]
    return {
        "viewers": len(viewers), "idle": int(idle), "frames_each": round(sum(seen for seen, _ in counts) / len(counts)),
        "dropped": sum(lost for _, lost in counts), "p50_ms": round(ordered[len(ordered) // 2] / 1e6, 1),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)] / 1e6, 1),
    }  # fmt: skip


def tickets_for(api: ApiServer, count: int) -> list[str]:
    """Sign people in and get them tickets."""
    made = []
    for number in range(count):
        with api.client(f"ann-{number}", TENANT, ["viewer"]) as client:
            answer = client.post("/v1/tickets", json={"purpose": "live", "session": SESSION})
            made.append(str(answer.json()["ticket"]))
    return made


def measure(api: ApiServer, feed: StationFeed, viewers: int, seconds: float, idle: bool) -> dict[str, object]:
    """Publish at 30 frames/s while a process of viewers watches."""
    url = api.url.replace("http", "ws", 1) + f"/v1/sessions/{SESSION}/live"
    asked = json.dumps([url, tickets_for(api, viewers + idle), seconds, idle])
    child = subprocess.Popen([sys.executable, __file__, "--watch", asked], stdout=subprocess.PIPE)
    process = psutil.Process(api.pid)
    before, began_s = process.cpu_times(), time.monotonic()
    number = feed.sent_frames
    while child.poll() is None:
        feed.frame(number)
        number += 1
        time.sleep(max(0.0, began_s + (number - feed.sent_frames) / RATE_HZ - time.monotonic()))
    feed.sent_frames = number
    after, took_s = process.cpu_times(), time.monotonic() - began_s
    assert child.stdout is not None
    cpu = round((after.user + after.system - before.user - before.system) / took_s, 2)
    found: dict[str, object] = json.loads(child.stdout.read())
    return found | {"api_cores": cpu, "api_rss_mb": process.memory_info().rss >> 20}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--watch", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.watch:
        print(json.dumps(uvloop.run(round_of(*json.loads(asked.watch)))))
        return
    frames = exam()
    fake_station.coded = lambda number: frames[number % FRAMES]  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as text:
        folders = [Path(text) / name for name in ("kafka", "s3", "api")]
        for folder in folders:
            folder.mkdir()
        broker, store = Broker(folders[0]), Store(folders[1])
        try:
            broker.start_somewhere()
            store.start_somewhere()
            ensure_topics(broker.settings, [TENANT])
            feed = StationFeed(broker.settings, FakeStation(TENANT, SESSION))
            feed.begin()
            api = ApiServer(folders[2], broker.settings, store.settings, [TENANT]).start()
            for viewers, idle in ((1, False), (asked.viewers, False), (asked.viewers, True)):
                print(json.dumps(measure(api, feed, viewers, asked.seconds, idle)), flush=True)
            feed.close()
            api.stop()
        finally:
            broker.stop()
            store.stop()


if __name__ == "__main__":
    main()
