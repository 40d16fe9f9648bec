"""A capture run inside the test's process, and a reader that puts together what it published."""

import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from numpy.typing import NDArray

from huizhen.producers.item import ItemSource
from huizhen.producers.options import Input, Options
from huizhen.producers.run_io import Stop, capture
from huizhen.producers.source import Captured, Description, Failed, Geometry
from huizhen.producers.station_io import Station
from huizhen.schemas import htj2k
from huizhen.schemas.codestream import MainHeader, stitch
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.ids import SessionId, TenantId
from huizhen.schemas.packet import Section, read_body, read_not_sent, tile_digest
from huizhen.schemas.profile import Profile
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.record import PacketMeta, read_packet_headers
from huizhen.schemas.routing import read_event
from huizhen.schemas.settings import KafkaSettings, Settings, StationSettings, kafka_client_config
from huizhen.schemas.topics import Topic, name_of

PROFILE = Profile("test", 1, tile=32)
FORM = PixelFormat(96, 160, 3, 8, 0)
US = "1.2.840.10008.5.1.4.1.1.3.1"
READING = {
    "group.id": "capture-test",
    "enable.auto.commit": "false",
    "fetch.wait.max.ms": "10",  # each request behind a fetch waits for it
}


def picture(number: int, form: PixelFormat = FORM) -> NDArray[np.uint8]:
    """Draw frame `number`: its left half moves, its right half stands."""
    y, x = np.mgrid[0 : form.rows, 0 : form.columns]
    left = (np.hypot(x - form.columns / 4, y - form.rows / 2 - number) * 9) % 256
    grey = np.where(x < form.columns // 2, left, (x * 3 + y * 5) % 251)
    return np.stack([grey, grey // 2, 255 - grey], axis=-1).astype(np.uint8)


@dataclass
class Drawn:
    """A source of drawn frames; `gate` holds them back, `broken` numbers cannot be read."""

    count: int
    rate_hz: float = 60.0
    broken: frozenset[int] = frozenset()
    resize_at: int = -1
    lost_at: int = -1
    gate: threading.Event | None = None
    closed: threading.Event = field(default_factory=threading.Event)
    first: int = 0
    given: list[NDArray[np.uint8]] = field(default_factory=list)

    @property
    def description(self) -> Description:
        return Description("probe", "US", US, self.rate_hz)

    def frames(self) -> Iterator[Captured | Failed]:
        start = time.monotonic()
        for number in range(self.first, self.first + self.count):
            if self.gate is not None:
                self.gate.wait(90)
            self.closed.wait(max(0.0, start + (number - self.first) / self.rate_hz - time.monotonic()))
            if self.closed.is_set():
                return
            if number == self.lost_at:
                raise Unavailable("the probe")
            yield self._frame(number)

    def _frame(self, number: int) -> Captured | Failed:
        if number in self.broken:
            return Failed(b"hurt %d" % number, RejectReason.BAD_DICOM, "cut off", time.time_ns(), time.monotonic_ns())
        form = PixelFormat(64, 96, 3, 8, 0) if 0 <= self.resize_at <= number else FORM
        pixels = picture(number, form)
        self.given.append(pixels)
        return Captured(pixels, Geometry(form, "RGB"), time.time_ns(), time.monotonic_ns())

    def close(self) -> None:
        self.closed.set()


@dataclass
class Running:
    """A capture on a thread of its own."""

    station: Station
    stop: Stop = field(default_factory=Stop)
    code: int = -1
    owed: int = -1
    thread: threading.Thread = field(init=False)

    def start(self, source: ItemSource, options: Options, recover: bool = False) -> "Running":
        self.thread = threading.Thread(target=self._run, args=(source, options, recover))
        self.thread.start()
        RUNNING.append(self)
        return self

    def _run(self, source: ItemSource, options: Options, recover: bool) -> None:
        if recover:
            self.station.recover()
        self.code = capture(self.station, [Input(options.source_id, source, options.profile), *options.others],
                            options, self.stop)  # fmt: skip
        self.owed = self.station.close(0.5)

    @property
    def delivered(self) -> int:
        """Frames that Kafka has, as the journal knows."""
        return sum(len(one.acked) for session in self.station.sessions() for one in session.journal.snapshot().values())

    def end(self) -> int:
        """Stop it as SIGTERM does."""
        self.stop.at_s = time.monotonic()
        self.stop.event.set()
        return self.join(90)

    def join(self, timeout_s: float) -> int:
        self.thread.join(timeout_s)
        assert not self.thread.is_alive(), "the capture did not end"
        return self.code


RUNNING: list[Running] = []


def end_all() -> None:
    """End captures that a failed test left running."""
    while RUNNING:
        left = RUNNING.pop()
        if left.thread.is_alive():
            left.end()


def settings_for(kafka: KafkaSettings, tenant: str, state: Path, **station: Any) -> Settings:
    given: dict[str, Any] = {"journal_min_free_bytes": 0, "tenant": tenant} | station
    return Settings(kafka=kafka, state=state, station=StationSettings(**given))


def options_for(session: str = "exam-1", **more: Any) -> Options:
    given: dict[str, Any] = {"session": SessionId(session), "profile": PROFILE, "wait_stored_s": 0.0}
    return Options(**(given | more))


@dataclass
class Received:
    """Everything on a tenant's topics, put together as a processor would, but simply."""

    metas: list[PacketMeta] = field(default_factory=list)
    begun: set[tuple[str, int]] = field(default_factory=set)
    """Frames of which something was sent live"""
    backfilled: set[tuple[str, int]] = field(default_factory=set)
    events: list[Any] = field(default_factory=list)
    rejected: list[tuple[bytes, list[tuple[str, bytes]]]] = field(default_factory=list)
    not_sent: dict[tuple[str, int], tuple[int, ...]] = field(default_factory=dict)
    headers: dict[tuple[str, int], MainHeader] = field(default_factory=dict)
    heads: dict[tuple[str, int], PacketMeta] = field(default_factory=dict)
    tiles: dict[tuple[str, int], dict[int, list[bytes]]] = field(default_factory=dict)
    declared: list[tuple[tuple[str, int], int]] = field(default_factory=list)
    """Tiles that were declared unchanged: of which frame, and since how many frames"""

    def take_packet(self, meta: PacketMeta, value: bytes, late: bool) -> None:
        where = (str(meta.head.frame.stream.source), int(meta.head.frame.number))
        self.metas.append(meta)
        self.heads.setdefault(where, meta)
        if meta.section is Section.NOT_SENT:
            self.not_sent[where] = read_not_sent(value, meta.count)
            return
        body = read_body(value)
        self.headers[where] = body.header
        tiles: dict[int, list[bytes]] = {}
        for part in body.parts:
            tiles.setdefault(part.tile, []).append(part.data)
        self.declared += [(where, said.age) for said in body.unchanged]
        for said in body.unchanged:
            earlier = self.tiles.get((where[0], where[1] - said.age), {}).get(said.tile, [])
            if tile_digest(earlier) == said.digest:
                tiles[said.tile] = earlier
        if late:
            self.backfilled.add(where)
            self.tiles[where] = tiles
            return
        self.begun.add(where)
        for tile, parts in tiles.items():
            self.tiles.setdefault(where, {}).setdefault(tile, []).extend(parts)

    def exact(self, source: str = "probe") -> dict[int, NDArray[np.generic]]:
        """Decode the frames that are complete and whose digest is right."""
        found: dict[int, NDArray[np.generic]] = {}
        for (name, number), header in self.headers.items():
            tiles = self.tiles.get((name, number), {})
            if name != source or any(len(tiles.get(tile, ())) != header.parts for tile in range(header.tiles)):
                continue
            stream = stitch(header, tiles)
            if hashlib.sha256(stream).hexdigest() == self.heads[name, number].head.frame_digest:
                found[number] = htj2k.decode(stream)
        return found

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def read_all(kafka: KafkaSettings, tenant: str, session: str = "exam-1") -> Received:
    """Read a tenant's topics from the beginning to where they end now."""
    wanted = (Topic.SESSIONS, Topic.PACKETS, Topic.BACKFILL, Topic.REJECTED)
    names = [name_of(topic, TenantId(tenant)) for topic in wanted]
    received = Received()
    for topic in names:
        for message in messages(kafka, topic):
            headers, value = list(message.headers() or []), message.value()
            if topic == names[0]:
                received.events.append(read_event(headers, value))
            elif topic == names[3]:
                if message.key() == session.encode():
                    received.rejected.append((value, headers))
            else:
                received.take_packet(read_packet_headers(headers), value, topic == names[2])
    return received


def messages(kafka: KafkaSettings, topic: str) -> Iterator[Any]:
    """Read a topic from its beginning to where it ends now."""
    consumer = Consumer({**kafka_client_config(kafka), **READING})
    try:
        for partition in consumer.list_topics(topic, 10).topics[topic].partitions:
            _, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), 10)
            consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING)])
            position = 0
            while position < end:
                message = consumer.poll(10)
                assert message is not None, f"{topic} stands still at {position} of {end}"
                assert message.error() is None
                position = message.offset() + 1
                yield message
    finally:
        consumer.close()
