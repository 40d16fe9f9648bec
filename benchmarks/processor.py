"""What the Faust shell costs against a bare copy, and how many frames a second a whole worker makes.

    python benchmarks/processor.py [--seconds-of-frames 60]

Everything drains a backlog from a real Kafka that it starts, on this machine, in one run: the rival (a confluent
consumer that hands each record to a confluent producer), the null step (our transport, agents and acknowledgements
around the same copy), and the full processor (validate, assemble, stitch, 1/8 picture, verdict). One JSON
line each.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import psutil
import pydicom
from confluent_kafka import Consumer, TopicPartition
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_frames

sys.path.insert(0, str(Path(__file__).parents[1]))

from huizhen.cli.topics_io import ensure_topics
from huizhen.processors.acks import Hold, PartitionAcks
from huizhen.processors.app import build, folder_of
from huizhen.schemas.codestream import stitch
from huizhen.schemas.ids import FrameNumber, TenantId
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.routing import to_record
from huizhen.schemas.settings import KafkaSettings, Settings, kafka_client_config
from huizhen.schemas.topics import Topic, name_of
from tests.exam import Coded, Exam
from tests.services.broker import Broker

SESSIONS = 4
ROUNDS = 5  # of bare and null in turn; the median counts, because the machine has other things to do
BYTES = 400 << 20
RUN = """
import sys
from huizhen.processors.main import run
from huizhen.schemas.settings import Settings
sys.exit(run(Settings()))
"""


def settings_of(bootstrap: str, tenant: str, folder: Path) -> Settings:
    return Settings.model_validate(
        {
            "kafka": {"bootstrap": bootstrap, "partitions": 4},
            "processor": {"tenants": [tenant], "group": f"bench-{folder.name}"},
            "state": folder,
        }
    )


def bare_copy(bootstrap: str, tenant: str, count: int, folder: Path) -> float:
    """The rival: consume, produce, nothing else."""
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": folder.name, "auto.offset.reset": "earliest",
         "enable.auto.commit": "false", "fetch.wait.max.ms": "500"}
    )  # fmt: skip
    publisher = Publisher({"bootstrap.servers": bootstrap})
    consumer.subscribe([name_of(Topic.PACKETS, TenantId(tenant))])
    began, taken = 0.0, 0
    while taken < count:
        message = consumer.poll(1.0)
        if message is not None:
            began = began or time.perf_counter()
            taken += 1
            send(publisher, message.key(), message.value(), message.headers() or [], None)
    publisher.flush(60.0)
    return time.perf_counter() - began


def send(publisher: Publisher, key: bytes, value: bytes, headers: Any, done: Any) -> None:
    """Queue a record; where the queue is full, wait for room."""
    from huizhen.schemas.errors import Unavailable

    while True:
        try:
            return publisher.send_raw(name_of(Topic.FRAMES), key.decode(), value, headers, done)
        except Unavailable:
            time.sleep(0.001)


def null_step(bootstrap: str, tenant: str, count: int, folder: Path) -> float:
    """Our shell around the same copy."""
    settings = settings_of(bootstrap, tenant, folder)
    folder_of(settings).mkdir(parents=True)
    return asyncio.run(_null_step(settings, count))


async def _null_step(settings: Settings, count: int) -> float:
    from faust.contrib.asgi import faust_app_running

    publisher = Publisher(kafka_client_config(settings.kafka))
    loop = asyncio.get_running_loop()
    acks: dict[int, PartitionAcks[Any]] = {}
    times = {"began": 0.0, "left": float(count)}
    done = asyncio.Event()

    def delivered(hold: Hold, partition: int) -> None:
        hold.pay()
        times["left"] -= 1
        for message in acks[partition].freed():
            message.ack(app.consumer)
        if not times["left"]:
            done.set()

    async def body(message: Any) -> None:
        times["began"] = times["began"] or time.perf_counter()
        hold, partition, value = Hold(owed=1), message.partition, message.value
        message.value = None
        acks.setdefault(partition, PartitionAcks()).arrived(message.offset, hold, message)
        headers = list(message.headers.items()) if hasattr(message.headers, "items") else list(message.headers)
        send(publisher, message.key, value, headers,
             lambda *_: loop.call_soon_threadsafe(delivered, hold, partition))  # fmt: skip

    app = build(settings, body, body)
    async with faust_app_running(app, stop_timeout=5):
        await done.wait()
        return time.perf_counter() - times["began"]


CHILDREN: dict[str, Callable[[str, str, int, Path], float]] = {"bare": bare_copy, "null": null_step}


@contextlib.contextmanager
def watched(process: "subprocess.Popen[bytes]") -> Iterator[list[int]]:
    """Remember the largest resident size of a process, and the CPU milliseconds it has used."""
    peak, stop = [0, 0], threading.Event()

    def look() -> None:
        while not stop.wait(0.05):
            with contextlib.suppress(psutil.Error):
                seen = psutil.Process(process.pid)
                peak[0] = max(peak[0], seen.memory_info().rss)
                peak[1] = int(sum(seen.cpu_times()[:2]) * 1000)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def child(mode: str, kafka: KafkaSettings, tenant: str, count: int, folder: Path) -> tuple[float, int]:
    """Run one copy in a process of its own; give its seconds and largest resident size."""
    command = [sys.executable, __file__, "--child", mode, kafka.bootstrap, tenant, str(count), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        with watched(process) as peak:
            out, _ = process.communicate(timeout=300)
        return float(out), peak[0]


def compare(kafka: KafkaSettings, broker: Broker, size: int, folder: Path) -> None:
    """Bare copy and null step over the same backlog."""
    tenant, count = f"b{size}", BYTES // size
    ensure_topics(kafka, [tenant])
    publisher = Publisher(kafka_client_config(kafka))
    value, topic = os.urandom(size), name_of(Topic.PACKETS, TenantId(tenant))
    for number in range(count):
        while publisher.waiting > 200:
            time.sleep(0.001)
        publisher.send_raw(topic, f"session-{number % 64}", value, [("number", b"%d" % number)])
    publisher.close(30.0)
    rates: dict[str, list[float]] = {mode: [] for mode in CHILDREN}
    rss = 0
    for turn in range(ROUNDS):
        for mode in CHILDREN:
            seconds, peak = child(mode, kafka, tenant, count, folder / f"{mode}-{tenant}-{turn}")
            rates[mode].append(count * size / seconds / 1e6)
            rss = max(rss, peak if mode == "null" else 0)
    bare, null = (statistics.median(rates[mode]) for mode in ("bare", "null"))
    print(json.dumps({
        "what": "null step", "record_bytes": size, "records": count, "rounds": ROUNDS, "bare_mb_s": round(bare, 1),
        "null_mb_s": round(null, 1), "null_records_s": round(null * 1e6 / size),
        "share": round(null / bare, 3), "null_rss_mb": rss >> 20,
    }), flush=True)  # fmt: skip


def coded_loop(exam: Exam, count: int) -> list[Coded]:
    """Code the first frames of the ultrasound loop in tiles of 128."""
    data = pydicom.dcmread(get_testdata_file("color3d_jpeg_baseline.dcm")).PixelData
    frames: list[Coded] = []
    for fragment in generate_frames(data, number_of_frames=120):
        pixels = np.asarray(imagecodecs.jpeg8_decode(fragment))
        frames.append(exam.frame(len(frames), pixels, not frames, frames[-1] if frames else None))
        if len(frames) == count:
            break
    return frames


def full(kafka: KafkaSettings, packets: int, count: int, folder: Path) -> None:
    """A whole worker over a backlog of real frames of `SESSIONS` sessions."""
    tenant = f"f{packets}"
    ensure_topics(kafka, [tenant])
    publisher = Publisher(kafka_client_config(kafka))
    exams = [Exam(tenant=tenant, session=f"exam-{number}", tile=128) for number in range(SESSIONS)]
    loop = coded_loop(exams[0], 30)
    for exam in exams:
        for event in (exam.announced(), exam.declared(loop[0])):
            publisher.send(to_record(event, "bench", time.time_ns()))
    for number in range(count // SESSIONS):
        for exam in exams:
            frame = loop[number % len(loop)]
            head = replace(frame.head, frame=replace(frame.head.frame, stream=exam.stream, number=FrameNumber(number)))
            for sent in replace(frame, head=head).packets(packets):
                while publisher.waiting > 200:
                    time.sleep(0.001)
                publisher.send_raw(name_of(Topic.PACKETS, TenantId(tenant)), exam.session, sent.value, sent.headers)
    publisher.close(30.0)
    env = os.environ | {
        "HUIZHEN_KAFKA__BOOTSTRAP": kafka.bootstrap, "HUIZHEN_PROCESSOR__TENANTS": f'["{tenant}"]',
        "HUIZHEN_PROCESSOR__GROUP": f"bench-{tenant}", "HUIZHEN_STATE": str(folder / tenant),
    }  # fmt: skip
    log = folder / f"{tenant}.log"
    with log.open("wb") as out, subprocess.Popen([sys.executable, "-c", RUN], env=env, stderr=out) as process:
        with watched(process) as peak:
            times, sizes = frame_times(kafka, tenant, count)
        process.terminate()
        process.wait(10)
    seconds = (times[-1] - times[0]) / 1000
    print(json.dumps({
        "what": "full processor", "packets_per_frame": packets, "frames": count, "frame_bytes": sum(sizes) // count,
        "frames_s": round(count / seconds), "mb_s": round(sum(sizes) / seconds / 1e6, 1), "rss_mb": peak[0] >> 20,
        "cpu_ms_per_frame": round(peak[1] / count, 3),
    }), flush=True)  # fmt: skip


def frame_times(kafka: KafkaSettings, tenant: str, count: int) -> tuple[list[int], list[int]]:
    """Wait for a tenant's frames, then read them back; give the producer's time stamps (ms) and sizes.

    Read only when all are there: who reads `frames` in life does not run on the worker's processor.
    """
    consumer = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": "bench", "fetch.wait.max.ms": "20"})
    places = [TopicPartition(name_of(Topic.FRAMES), number) for number in range(4)]
    first = {place.partition: consumer.get_watermark_offsets(place)[1] for place in places}
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if sum(consumer.get_watermark_offsets(place)[1] - first[place.partition] for place in places) >= count:
            break
        time.sleep(0.1)
    consumer.assign([TopicPartition(place.topic, place.partition, first[place.partition]) for place in places])
    times: list[int] = []
    sizes: list[int] = []
    while len(times) < count and time.monotonic() < end:
        for message in consumer.consume(500, 0.5):
            if dict(message.headers() or []).get("ce_tenantid") == tenant.encode():
                times.append(message.timestamp()[1])
                sizes.append(len(message.value()))
    consumer.close()
    return sorted(times), sizes


def stitching() -> None:
    """One frame from its tiles."""
    frame = coded_loop(Exam(tile=128), 1)[0]
    began = time.perf_counter()
    for _ in range(2000):
        stitch(frame.header, frame.tiles)
    ms = (time.perf_counter() - began) / 2
    print(json.dumps({"what": "stitch", "frame": "640×480 RGB", "ms": round(ms, 4)}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs=5, help=argparse.SUPPRESS)
    parser.add_argument("--frames", type=int, default=4000, help="frames for the full processor")
    parser.add_argument("--only", choices=["stitch", "null", "full"], help="one part of it")
    arguments = parser.parse_args()
    if arguments.child:
        mode, bootstrap, tenant, count, folder = arguments.child
        print(CHILDREN[mode](bootstrap, tenant, int(count), Path(folder)))
        os._exit(0)
    with tempfile.TemporaryDirectory(prefix="huizhen-bench-") as folder:
        if arguments.only in (None, "stitch"):
            stitching()
        broker = Broker(Path(folder) / "kafka")
        try:
            kafka = broker.start_somewhere().settings.model_copy(update={"retention_bytes": 4 << 30})
            for size in (200_000, 100_000) if arguments.only in (None, "null") else ():
                compare(kafka, broker, size, Path(folder))
            for packets in (1, 5) if arguments.only in (None, "full") else ():
                full(kafka, packets, arguments.frames, Path(folder))
        finally:
            broker.stop()


if __name__ == "__main__":
    main()
