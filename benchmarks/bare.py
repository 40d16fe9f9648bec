"""The rival of the live path: the same bytes through two Kafka hops with nothing done to them.

A producer writes records at a frame rate, a bare confluent-kafka loop copies them to a second topic, a consumer notes
when they arrive. What the product adds above this is what coding, validating, stitching and fan-out cost.
"""

import threading
import time

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

GROUP_SETTINGS = {
    "group.id": "bench-bare",
    "auto.offset.reset": "earliest",
    "fetch.wait.max.ms": "500",
    "fetch.max.bytes": str(32 << 20),
    "enable.auto.commit": "false",
}
PRODUCER_SETTINGS = {"acks": "all", "enable.idempotence": "true", "linger.ms": "0", "message.max.bytes": str(17 << 20)}


def two_hops(bootstrap: str, rate_hz: float, size: int, seconds: float, streams: int = 1) -> list[float]:
    """Give the latency in ms of each record from `streams` keys, `rate_hz` each, of `size` bytes."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    names = [f"bench-bare-{hop}-{time.time_ns()}" for hop in (1, 2)]
    config = {"max.message.bytes": str(17 << 20), "retention.bytes": str(64 << 20), "segment.bytes": str(16 << 20)}
    for made in admin.create_topics([NewTopic(name, 4, 1, config=config) for name in names]).values():
        made.result(30)
    stop = threading.Event()
    copier = threading.Thread(target=_copy, args=(bootstrap, names[0], names[1], stop), daemon=True)
    copier.start()
    found: list[float] = []
    reader = threading.Thread(target=_collect, args=(bootstrap, names[1], found, stop), daemon=True)
    reader.start()
    time.sleep(3.0)  # groups are assigned
    _produce(bootstrap, names[0], rate_hz, size, seconds, streams=streams)
    time.sleep(0.5)
    stop.set()
    copier.join(5)
    reader.join(5)
    admin.delete_topics(names)
    return found[int(rate_hz) :]


def _produce(bootstrap: str, topic: str, rate_hz: float, size: int, seconds: float, *, streams: int) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, **PRODUCER_SETTINGS})
    body, begin = bytes(size), time.monotonic()
    for number in range(int(rate_hz * seconds)):
        time.sleep(max(0.0, begin + number / rate_hz - time.monotonic()))
        for stream in range(streams):
            producer.produce(topic, body, f"s{stream}", headers=[("at", str(time.time_ns()))])
        producer.poll(0)
    producer.flush(10)


def _copy(bootstrap: str, source: str, target: str, stop: threading.Event) -> None:
    consumer = Consumer({"bootstrap.servers": bootstrap, **GROUP_SETTINGS})
    producer = Producer({"bootstrap.servers": bootstrap, **PRODUCER_SETTINGS})
    consumer.subscribe([source])
    while not stop.is_set():
        message = consumer.poll(0.02)  # `consume` would wait for a whole batch or its timeout
        if message is not None and message.error() is None:
            producer.produce(target, message.value(), message.key(), headers=message.headers())
        producer.poll(0)
    producer.flush(5)
    consumer.close()


def _collect(bootstrap: str, topic: str, found: list[float], stop: threading.Event) -> None:
    consumer = Consumer({"bootstrap.servers": bootstrap, **GROUP_SETTINGS, "group.id": "bench-bare-end"})
    consumer.subscribe([topic])
    while not stop.is_set():
        message = consumer.poll(0.02)
        if message is not None and message.error() is None:
            at_ns = int(dict(message.headers())["at"])
            found.append((time.time_ns() - at_ns) / 1e6)
    consumer.close()
