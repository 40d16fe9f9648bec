"""The thread that sends late frames while live leaves room. How fast: pace.py; what they are: backfill.py."""

import threading
import time
from collections.abc import Callable

import structlog
from confluent_kafka import KafkaError, KafkaException, Message

from huizhen.producers import metrics, pace
from huizhen.producers.backfill import late_record
from huizhen.producers.events_io import EventSender
from huizhen.producers.journal import Entry, Kind
from huizhen.producers.live_io import LiveSender
from huizhen.producers.outbound import Outbound
from huizhen.producers.session_io import OpenSession, Sessions
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.threads_io import thread

log = structlog.get_logger()
TURN_S = 0.004  # between looks for room: 250 late frames a second at most
IDLE_S = 0.05  # where nothing is late
REFUSED = frozenset({KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_RECORD})


class BackfillSender:
    """Sends what the sessions owe, the running one's frames first."""

    def __init__(
        self,
        publisher: Outbound,
        sessions: Sessions,
        events: EventSender,
        live: LiveSender | None,
        live_rate_hz: Callable[[], float],
    ) -> None:
        self._publisher = publisher
        self._sessions = sessions
        self._events = events
        self._live = live
        self._live_rate_hz = live_rate_hz
        self._lock = threading.Lock()
        self._pace = pace.Backfill()
        self._stopping = threading.Event()
        self._thread = thread("backfill", self._run)
        self.is_fatal = False

    def start(self) -> "BackfillSender":
        """Start sending."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop sending; what is on its way may still arrive."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        wait_s = IDLE_S
        try:
            while not self._stopping.wait(wait_s):
                idle = self._may_send() and not self._send_next()
                wait_s = IDLE_S if idle else TURN_S
        except Exception:
            log.exception("backfill_failed")
            self.is_fatal = True  # the process ends: the next start sends what is owed

    def _may_send(self) -> bool:
        now_ns = time.monotonic_ns()
        link, load = pace.Link(0) if self._live is None else self._live.link, self._load()
        with self._lock:
            self._pace = pace.look(self._pace, link, load, now_ns)
            return pace.may_backfill(self._pace, link, load, now_ns)

    def _load(self) -> pace.LiveLoad:
        return pace.LiveLoad(0 if self._live is None else self._live.waiting, self._live_rate_hz())

    def _send_next(self) -> bool:
        for session in self._sessions():
            late = session.account.next_late()
            if late is not None:
                self._send(session, *late)
                return True
        return False

    def _send(self, session: OpenSession, source: str, number: int) -> None:
        found = session.journal.read(source, number)
        if found is None:
            log.warning("frame_not_in_journal", session=session.name, source=source, number=number)
            metrics.LATE.labels("gone").inc()
            session.account.tear(source, number)
            return
        entry, payload = found
        if not session.may_send(source, entry.geometry if entry.kind is Kind.FRAME else -1):
            session.account.came(source, number, False)
            self._stopping.wait(IDLE_S)
            return
        self._hand_over(session, entry, payload)

    def _hand_over(self, session: OpenSession, entry: Entry, payload: bytes) -> None:
        record = late_record(entry, payload, session.sender, self._events.offset(), time.time_ns())
        metrics.SENT.labels("rejected" if entry.kind is Kind.FAILED else "backfill").inc(len(record.value or b""))
        load = self._load()
        with self._lock:
            self._pace = pace.backfill_handed(self._pace, load, time.monotonic_ns())

        def delivered(error: KafkaError | None, message: Message) -> None:
            self._report(session, entry, error)

        try:
            self._publisher.send(record, delivered)
        except Unavailable:
            self._settle(session, entry, False)
        except KafkaException as refusal:
            self._report(session, entry, refusal.args[0])

    def _report(self, session: OpenSession, entry: Entry, error: KafkaError | None) -> None:
        if error is not None:
            log.warning("backfill_not_delivered", session=session.name, number=entry.number, error=error.name())
            self.is_fatal = self.is_fatal or error.fatal()
        if error is not None and error.code() in REFUSED:  # it would be refused for ever
            session.account.tear(entry.source, entry.number)
        self._settle(session, entry, error is None)

    def _settle(self, session: OpenSession, entry: Entry, arrived: bool) -> None:
        metrics.LATE.labels("delivered" if arrived else "failed").inc()
        with self._lock:
            self._pace = pace.backfill_delivered(self._pace, arrived)
        session.account.came(entry.source, entry.number, arrived)
