"""One session open at this station: its journal, its account, and its events on `sessions`."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import structlog

from huizhen.producers import metrics
from huizhen.producers.announce import Standing, announced_again, progress, sealed
from huizhen.producers.delta import Delta
from huizhen.producers.events_io import EventSender
from huizhen.producers.frame import Frame, Sender
from huizhen.producers.journal import Entry, Stood
from huizhen.producers.journal_io import Journal
from huizhen.producers.journal_note import Note
from huizhen.producers.live_io import LiveSender
from huizhen.producers.orders import Phase
from huizhen.producers.session import Session, owed_of
from huizhen.producers.spool_io import Spool
from huizhen.schemas.events import Announced, GeometryDeclared
from huizhen.schemas.ids import Epoch, SessionId, SourceId, StationId, TenantId

log = structlog.get_logger()
PROGRESS_WAITING_MAX = 8  # events on their way above which a Progress is left out: the next one says more


class OpenSession:
    """A session that this process sends; also the outlet of its engines.

    `events` must be the sender of the same process for all sessions. Without `attach_live`, frames go by backfill only.
    """

    def __init__(self, spool: Spool, journal: Journal, tenant: TenantId, station: StationId, events: EventSender):
        self._spool = spool
        self._events = events
        self._live: LiveSender | None = None
        self._lock = threading.Lock()
        self._is_announced = False
        self._declared: set[tuple[str, int]] = set()
        self._is_sealing = False
        self.journal = journal
        self.sender = Sender(tenant, SessionId(journal.state.session), station, Epoch(journal.state.epoch))
        self.account = Session(journal, owed_of(journal.snapshot()))
        self.alarm = ""
        """source_lost, or empty; the spool and the link have their own"""

    @property
    def name(self) -> str:
        """The session's id."""
        return self.sender.session

    @property
    def phase(self) -> Phase:
        """Whether Kafka has its seal."""
        return Phase.SEALED if self.journal.state.sealed else Phase.OPEN

    @property
    def is_announced(self) -> bool:
        """Say whether Kafka knows the session."""
        with self._lock:
            return self._is_announced

    def attach_live(self, live: LiveSender) -> None:
        """Let frames of this session go out live."""
        self._live = live

    def announce(self, new: Announced | None = None) -> None:
        """Announce the session, and declare again what earlier epochs declared; `new` None: as it was announced."""
        state = self.journal.state
        event = new
        if state.announced is not None:
            event = announced_again(state.announced, new, state.epoch, time.time_ns())
        if event is None:
            log.warning("session_without_announcement", session=self.name)
            return
        rates = {info.source: info.expected_rate_hz for info in event.sources}
        self.journal.note(Note(announced=event, rates=rates))
        self._events.send(event, self._on_announced)
        for geometry in list(state.geometries.values()):
            self.declare(replace(geometry, epoch=state.epoch))

    def assume_known(self) -> None:
        """Take the session as announced: Kafka has had its seal, and announcing it again would open it again."""
        with self._lock:
            self._is_announced = True
            self._declared.update(self.journal.state.geometries)

    def keep(self, entry: Entry, payload: bytes, delta: Delta | None = None) -> Stood:
        """Append a frame to the journal."""
        return self._spool.append(self.journal, entry, payload, delta)

    def keep_original(self, source: SourceId, number: int, original: bytes) -> str:
        """Keep at the station what could not be read; says where, or "" where there is no room."""
        if not original:  # its child died before it gave any bytes
            return ""
        place = self._spool.keep_original(self.journal, source, number, original)
        said = {"session": self.name, "source": source, "number": number, "bytes": len(original)}
        if place:
            log.warning("original_kept", **said, place=place)
        else:
            log.error("original_not_kept", **said, why="there is no room")
        metrics.ORIGINALS.labels("kept" if place else "no_room").inc()
        return place

    def declare(self, event: GeometryDeclared) -> None:
        """Declare a geometry; its frames wait until Kafka has it."""
        self.journal.note(Note(geometries=(event,)))
        self._events.send(event, lambda: self._on_declared(event))

    def offer(self, frame: Frame) -> None:
        """Give a frame to live, or to backfill where this session has no live."""
        if self._live is None:
            self.account.owe(frame.source, frame.number)
        else:
            self._live.offer(frame)

    def owe(self, source: SourceId, number: int) -> None:
        """Put a frame that never goes live on the backlog."""
        self.account.owe(source, number)

    def drop(self, source: SourceId, number: int) -> None:
        """Count a frame that found no room."""
        self.account.drop(source, number)

    def may_send(self, source: str, geometry: int) -> bool:
        """Say whether Kafka knows the session and the geometry."""
        with self._lock:
            return self._is_announced and (geometry < 0 or (source, geometry) in self._declared)

    def report(self, alarm: str) -> None:
        """Write the account into the journal and publish the progress of every source."""
        self.account.flush()
        behind = self.account.behind
        spooled = self._spool.used_bytes
        for name, state in self.journal.snapshot().items():
            if self._events.waiting > PROGRESS_WAITING_MAX or self.phase is Phase.SEALED:
                return
            standing = Standing(time.time_ns(), spooled, behind.get(name, 0), alarm)
            self._events.send(progress(self.sender, name, state, standing), again=False)

    def end(self) -> None:
        """Note that no frame follows."""
        self.account.flush()
        self.journal.note(Note(ended=True))

    def seal_when_flushed(self) -> None:
        """Send Sealed once the session has ended and Kafka has every frame of it."""
        if self._is_sealing or not self.journal.state.ended or self.phase is Phase.SEALED:
            return
        if not self.account.is_flushed or (self._live is not None and not self._live.is_drained):
            return
        self.account.flush()
        states = self.journal.snapshot()
        for name, numbers in owed_of(states).items():
            for first, last in numbers.pairs():  # nobody should owe them: they go once more, and then all is said
                self.account.resend(name, first, last)
        if self.account.is_flushed:
            self._is_sealing = True
            self.report("")
            self._events.send(sealed(self.sender, states, time.time_ns()), self._on_sealed)

    def _on_announced(self) -> None:
        with self._lock:
            self._is_announced = True
            declared = list(self._declared)
        for source, geometry in declared:
            self._confirm(source, geometry)

    def _on_declared(self, event: GeometryDeclared) -> None:
        with self._lock:
            self._declared.add((event.source, event.geometry))
            ready = self._is_announced
        if ready:
            self._confirm(event.source, event.geometry)

    def _confirm(self, source: str, geometry: int) -> None:
        if self._live is not None:
            self._live.confirm(SourceId(source), geometry)

    def _on_sealed(self) -> None:
        self.journal.note(Note(sealed=True))
        log.info("session_sealed", session=self.name)


Sessions = Callable[[], list[OpenSession]]
"""The sessions this process sends, the running one first"""
