"""A capture station: its journals, its Kafka clients, and the sessions it sends."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from huizhen.producers import metrics
from huizhen.producers.backfill_io import BackfillSender
from huizhen.producers.events_io import EventSender
from huizhen.producers.live import Live, Rules
from huizhen.producers.live_io import LiveSender
from huizhen.producers.orders import Behind, KeyFrame, Order, Phase, Resend, Wipe
from huizhen.producers.orders_io import OrderReader
from huizhen.producers.pace import Link
from huizhen.producers.retention import Budget
from huizhen.producers.session_io import OpenSession
from huizhen.producers.spool_io import Spool, boot_id
from huizhen.schemas.errors import Refused, Unavailable
from huizhen.schemas.ids import SourceId, StationId, TenantId
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.settings import Settings, StationSettings, kafka_client_config

log = structlog.get_logger()
MS = 1_000_000
TURN_S = 0.1  # for all but live's deadlines
THIN_ANSWER_MS = 60_000  # late frames may be megabytes on a thin link
CONFIRM_MS = 5000  # what was handed over live may take so long: it is not sent twice because a broker is busy
REPORT_S = 1.0
REFRESH_S = 5.0
LINK_DOWN_S = 2.0
CONNECT_MS = 2000  # a connection that hangs is tried anew: after an outage live is back within that
DAY_S = 86_400.0
ALARMS = ("spool_full", "disk_full", "source_lost", "link_down")


@dataclass(slots=True)
class _Due:
    turn_s: float = 0.0
    report_s: float = 0.0
    refresh_s: float = 0.0
    alarm: str = ""


class Station:
    """Runs what all captures of a machine need; `tick` is called many times a second by the main loop."""

    def __init__(self, settings: Settings) -> None:
        station = settings.station
        self.settings = settings
        self.tenant, self.id = TenantId(station.tenant), StationId(station.station)
        root = settings.state / "journal" / self.tenant / self.id
        self.spool = Spool(root, budget_of(station), station.fsync_interval_ms / 1000, boot_id())
        self._config = kafka_client_config(settings.kafka)
        steady = {
            "message.timeout.ms": 0,
            "socket.connection.setup.timeout.ms": CONNECT_MS,
            "socket.timeout.ms": THIN_ANSWER_MS,
        }
        self._steady = Publisher(self._config, station.queue_max_bytes, steady)
        self._swift: Publisher | None = None
        self.events = EventSender(self._steady)
        self._lock = threading.Lock()
        self._sessions: list[OpenSession] = []
        self._stored: list[Wipe] = []
        self.live: LiveSender | None = None
        self.live_rate_hz = 0.0
        self._due = _Due()
        self._backfill: BackfillSender | None = None
        self._orders: OrderReader | None = None

    def start(self) -> None:
        """Begin to send late frames and to take orders; sessions may be added before and after."""
        kept = self.spool.originals.holdings
        if kept.files:
            log.warning("originals_kept", sessions=kept.sessions, files=kept.files, bytes=kept.size_bytes)
        self._backfill = BackfillSender(
            self._steady, self.sessions, self.events, self.live, lambda: self.live_rate_hz
        ).start()
        self._orders = OrderReader(self._config, self.tenant, self.id, self.phases, self._obey).start()

    def sessions(self) -> list[OpenSession]:
        """Give the sessions that are sent, the running one first."""
        with self._lock:
            return list(self._sessions)

    def phases(self) -> Mapping[str, Phase]:
        """Give where each session stands."""
        return {session.name: session.phase for session in self.sessions()}

    def open(self, name: str) -> OpenSession:
        """Open the session that is captured, with live; raises Unavailable or Refused."""
        journal = self.spool.open(name)
        self.spool.begin_epoch(journal)
        session = OpenSession(self.spool, journal, self.tenant, self.id, self.events)
        station = self.settings.station
        self._swift = Publisher(
            self._config,
            station.queue_max_bytes,
            {
                "message.timeout.ms": max(CONFIRM_MS, station.live_deadline_ms),
                "socket.connection.setup.timeout.ms": CONNECT_MS,
            },
        )
        live = Live(session.sender, rules_of(station), Link(window_max=station.queue_max_bytes // 2))
        self.live = LiveSender(live, self._swift, self.tenant, session.sender.session, session.account.settle)
        session.attach_live(self.live)
        with self._lock:
            self._sessions.insert(0, session)
        return session

    def recover(self) -> list[OpenSession]:
        """Open what earlier runs left behind: what Kafka lacks goes out late, then the session is sealed."""
        found = []
        for name in self.spool.left_behind():
            try:
                session = self._reopen(name)
            except (Unavailable, Refused):  # another process captures it, or has just wiped it
                continue
            if session is not None:
                found.append(session)
        with self._lock:
            self._sessions += found
        return found

    def tick(self) -> None:
        """Let time pass."""
        now_s = time.monotonic()
        if self.live is not None:
            self.live.tick()
        if now_s < self._due.turn_s:
            return
        self._due.turn_s = now_s + TURN_S
        self.events.tick()
        if self.live is not None:
            self.live.show(self.events.offset())
        for session in self.sessions():
            session.seal_when_flushed()
        self._wipe_stored()
        alarm = self.alarm
        if now_s >= self._due.report_s or alarm != self._due.alarm:
            self._due.report_s, self._due.alarm = now_s + REPORT_S, alarm
            self._report(alarm)
        if now_s >= self._due.refresh_s:
            self._due.refresh_s = now_s + REFRESH_S
            self.spool.refresh()

    @property
    def alarm(self) -> str:
        """What is wrong now, by the names of Progress; empty where nothing is."""
        lost = next((session.alarm for session in self.sessions() if session.alarm), "")
        return lost or self.spool.alarm or ("link_down" if self.is_link_down else "")

    @property
    def is_link_down(self) -> bool:
        """Say whether frames come and no packet of them has arrived for LINK_DOWN_S."""
        return self.live is not None and self.live_rate_hz > 0 and self.live.silent_ns > LINK_DOWN_S * 1e9

    @property
    def is_fatal(self) -> bool:
        """Say whether the Kafka client has given up for good."""
        backfill = self._backfill is not None and self._backfill.is_fatal
        return backfill or (self.live is not None and self.live.is_fatal)

    def checks(self) -> Mapping[str, str]:
        """Say for /healthz whether each thing works."""
        connected = self._orders is not None and self._orders.is_connected and not self.is_link_down
        return {
            "kafka": "ok" if connected else "not reached: frames wait in the journal",
            "journal": self.spool.alarm or "ok",
            "source": next((session.alarm for session in self.sessions() if session.alarm), "ok"),
        }

    def close(self, timeout_s: float) -> int:
        """Stop within about `timeout_s`; give how many frames stay in the journal without Kafka having them."""
        for part in (self._orders, self._backfill):
            if part is not None:
                part.close()
        for publisher in (self._swift, self._steady):
            if publisher is not None:
                publisher.close(timeout_s / 2)
        for session in self.sessions():
            session.account.flush()
        owed = sum(session.journal.state.owes for session in self.sessions())
        self.spool.close()
        return owed

    def _reopen(self, name: str) -> OpenSession | None:
        journal = self.spool.open(name)
        state = journal.state
        if state.announced is None:
            log.warning("journal_without_announcement", session=name)
            self.spool.release(journal)
            return None
        is_done = state.sealed and not state.owes
        if is_done and journal.age_s(time.time()) > self.settings.station.journal_max_days * DAY_S:
            self.spool.discard(journal)
            return None
        if not is_done:
            self.spool.begin_epoch(journal)
        session = OpenSession(self.spool, journal, self.tenant, self.id, self.events)
        if is_done:
            session.assume_known()
        else:
            session.announce()
            session.end()
        log.info("session_left_behind", session=name, owed=state.owes, sealed=state.sealed)
        return session

    def _obey(self, order: Order) -> None:
        session = next((one for one in self.sessions() if one.name == order.session), None)
        match order:
            case Resend() if session is not None:
                session.account.resend(order.source, order.first, order.last)
            case KeyFrame() if self.live is not None:
                for name in [order.source] if order.source else list(session.journal.state.sources if session else []):
                    self.live.ask_key(SourceId(name))
            case Behind() if self.live is not None:
                self.live.behind()
            case Wipe():
                with self._lock:
                    self._stored.append(order)

    def _wipe_stored(self) -> None:
        with self._lock:
            stored, self._stored = {order.session: order for order in self._stored}, []
            told = [session for session in self._sessions if session.name in stored]
        for session in told:
            source = stored[session.name].disagrees(session.journal.state.sources)
            if source:
                log.error("journal_kept", session=session.name, source=source, why="the archive tells of another one")
                metrics.KEPT.inc()
                continue
            with self._lock:
                self._sessions.remove(session)
            self.spool.mark_stored(session.journal)

    def _report(self, alarm: str) -> None:
        for session in self.sessions():
            session.report(alarm)
        for name in ALARMS:
            metrics.ALARM.labels(name).set(name == alarm)
        metrics.SPOOL.set(self.spool.used_bytes)
        metrics.ORIGINALS_BYTES.set(self.spool.originals.holdings.size_bytes)
        metrics.DEPTH.set(sum(session.journal.state.owes for session in self.sessions()))
        offset = self.events.offset()
        metrics.CLOCK.set(offset.offset_ns / 1e9)
        metrics.CLOCK_UNCERTAINTY.set(offset.uncertainty_ns / 1e9)


def budget_of(station: StationSettings) -> Budget:
    """Give the journals' limits."""
    return Budget(station.journal_max_bytes, station.journal_min_free_bytes, station.journal_max_days * DAY_S)


def rules_of(station: StationSettings) -> Rules:
    """Give how live is to behave."""
    return Rules(
        deadline_ns=station.live_deadline_ms * MS,
        packets_per_frame=station.packets_per_frame,
        withhold_percent=station.withhold_detail_percent,
        waiting_max_bytes=station.queue_max_bytes // 2,
    )
