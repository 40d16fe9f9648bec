"""Leaves the process when the archive is stuck: the broker answers, records wait, and none is read.

It asks on a connection of its own: a consumer that hangs still knows the ends it heard of last. While an object is
written, events are read up or something is waited for, the archive is alive: each of these is bounded by itself.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    OffsetSpec,  # pyright: ignore[reportPrivateImportUsage] # its documented place
)

from huizhen.schemas.errors import Stuck
from huizhen.schemas.kafka_io import ASKING
from huizhen.schemas.settings import KafkaSettings, kafka_client_config
from huizhen.schemas.threads_io import Leave, leave, thread
from huizhen.schemas.watchdog import Sight, Watchdog
from huizhen.sinks.partitions import Place

LOOK_S = 1.0
ASK_S = 2.0  # a broker that needs longer does not answer

Ends = Callable[[Mapping[Place, int]], Mapping[Place, int] | None]
"""Gives the offset after the newest record of each place; None where the broker does not answer"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the archive has read."""

    next: Mapping[Place, int]
    """Offset to be read next, by its partitions"""
    busy: bool
    """Whether it does or waits for something that is bounded by itself"""


class Watch:
    """Looks every second, from a thread of its own."""

    def __init__(self, stuck_after_s: float, look: Callable[[], Standing], ends: Ends, leave: Leave = leave) -> None:
        self._watchdog = Watchdog(stuck_after_s)
        self._look = look
        self._ends = ends
        self._leave = leave
        self._before: Mapping[Place, int] = {}
        self._stopping = threading.Event()
        self._thread = thread("watch", self._run, leave)

    def start(self) -> "Watch":
        """Begin to look."""
        self._thread.start()
        return self

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_S):
            self.look(time.monotonic())

    def look(self, now_s: float) -> None:
        """Take a look; leave where the archive is stuck."""
        standing = self._look()
        moved = standing.busy or standing.next != self._before
        self._before = dict(standing.next)
        ends = {} if moved else self._ends(standing.next)  # nothing is asked of the broker while records are read
        waiting = sum(max(0, end - standing.next[place]) for place, end in (ends or {}).items())
        sight = Sight(now_s, ends is not None, waiting > 0, standing.busy, tuple(standing.next.values()))
        if self._watchdog.is_stuck(sight):
            self._leave(Stuck(f"{waiting} records wait, none was read for {self._watchdog.stuck_after_s:g} s"))

    def close(self) -> None:
        """Stop looking."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(ASK_S + LOOK_S)


def ends_of(kafka: KafkaSettings) -> Ends:
    """Ask the broker, with one request for all places."""
    admin = AdminClient({**kafka_client_config(kafka), **ASKING, "log_level": "0"})

    def ends(places: Mapping[Place, int]) -> Mapping[Place, int] | None:
        newest: Any = OffsetSpec.latest()
        wanted = {TopicPartition(*place): newest for place in places}
        try:
            asked = admin.list_offsets(wanted, request_timeout=ASK_S) if wanted else {}
            return {(at.topic, at.partition): int(each.result(2 * ASK_S).offset) for at, each in asked.items()}
        except (KafkaException, TimeoutError):
            return None

    return ends
