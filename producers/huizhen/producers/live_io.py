"""Hand live's decisions to Kafka and its delivery reports back. What is decided: live.py.

Three threads come here: engines offer frames, the Kafka client's thread brings reports, the main loop ticks. Each lets
live decide and hands over what it says, under one lock; handing over is a copy into the client's queue.
"""

import threading
import time
from collections.abc import Callable, Mapping

from confluent_kafka import KafkaError, KafkaException, Message

from huizhen.producers import metrics
from huizhen.producers.flights import Settled
from huizhen.producers.frame import Frame, Offset
from huizhen.producers.live import Live
from huizhen.producers.outbound import Outbound
from huizhen.producers.pace import Link, packets_per_frame
from huizhen.producers.sending import Outgoing, Ticket
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.ids import SessionId, SourceId, TenantId
from huizhen.schemas.record import packet_headers
from huizhen.schemas.topics import Topic, name_of


class LiveSender:
    """Publishes a session's newest frames."""

    def __init__(
        self,
        live: Live,
        publisher: Outbound,
        tenant: TenantId,
        session: SessionId,
        settle: Callable[[Mapping[SourceId, Settled]], None],
    ) -> None:
        self._live = live
        self._publisher = publisher
        self._topic = name_of(Topic.PACKETS, tenant)
        self._session = session
        self._settle = settle
        self._lock = threading.RLock()
        self._silent_since_ns: int | None = None
        self.is_fatal = False

    def add(self, source: SourceId, key_interval_ns: int) -> None:
        """Take a source in."""
        with self._lock:
            self._live.add(source, key_interval_ns)

    def offer(self, frame: Frame) -> None:
        """Give a newly journalled frame."""
        with self._lock:
            now_ns = time.monotonic_ns()
            if self._silent_since_ns is None:
                self._silent_since_ns = now_ns
            self._live.offer(frame, now_ns)
            self._pump()

    def confirm(self, source: SourceId, geometry: int) -> None:
        """Let frames of a geometry go."""
        with self._lock:
            self._live.confirm(source, geometry)
            self._pump()

    def ask_key(self, source: SourceId) -> None:
        """Make the source's next frame a key frame."""
        with self._lock:
            self._live.ask_key(source)

    def behind(self) -> None:
        """Learn that the cloud is behind."""
        with self._lock:
            self._live.behind(time.monotonic_ns())

    def tick(self) -> None:
        """Let time pass: deadlines are kept even where no frame and no report comes."""
        with self._lock:
            if self._live.waiting:
                self._pump()

    def show(self, offset: Offset) -> None:
        """Take in how the clocks stand, and say how the link is."""
        with self._lock:
            self._live.offset = offset
            link = self._live.link
            metrics.QUEUE.set(self._live.waiting_bytes + link.inflight)
            metrics.WINDOW.set(link.window)
            metrics.SHARE.set(self._live.ease.share)
            metrics.FIVE.set(packets_per_frame(link, self._live.packets_setting, time.monotonic_ns()) == 5)

    @property
    def link(self) -> Link:
        """How the link is."""
        with self._lock:
            return self._live.link

    @property
    def silent_ns(self) -> int:
        """How long frames have been offered without any packet being confirmed."""
        since_ns = self._silent_since_ns
        return 0 if since_ns is None else time.monotonic_ns() - since_ns

    @property
    def waiting(self) -> int:
        """Frames not handed over."""
        with self._lock:
            return self._live.waiting

    @property
    def is_drained(self) -> bool:
        """Say whether every frame offered is settled."""
        with self._lock:
            return not self._live.waiting and not self._live.unsettled

    def _pump(self) -> None:
        while records := self._live.take(time.monotonic_ns()):
            for record in records:
                self._send(record)
        settled = self._live.settled()
        if settled:
            for found in settled.values():
                metrics.LIVE.labels("delivered").inc(len(found.delivered))
                metrics.LIVE.labels("late").inc(len(found.late))
            self._settle(settled)

    def _send(self, record: Outgoing) -> None:
        ticket = record.ticket
        metrics.PACKETS.labels(record.meta.section).inc()
        metrics.SENT.labels("packets").inc(len(record.value))

        def delivered(error: KafkaError | None, message: Message) -> None:
            if ticket is not None:
                self._report(ticket, error)

        try:
            self._publisher.send_raw(self._topic, self._session, record.value, packet_headers(record.meta), delivered)
        except (Unavailable, KafkaException):
            if ticket is not None:
                self._live.report(ticket, False, time.monotonic_ns())

    def _report(self, ticket: Ticket, error: KafkaError | None) -> None:
        now_ns = time.monotonic_ns()
        with self._lock:
            if error is None:
                self._silent_since_ns = None
                metrics.DELIVERY.observe((now_ns - ticket.handed_at_ns) / 1e9)
            elif error.fatal():
                self.is_fatal = True
            self._live.report(ticket, error is None, now_ns)
            self._pump()
