"""The archive's decisions: which session a record belongs to, and what is to be done about it.

Sans I/O: it takes events, frames, verdicts and the time, and gives effects. Everything it holds can be read again: a
frame that waits holds its offset back from the commit, and what is stored is known from the ledger.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from huizhen.schemas import events
from huizhen.schemas.errors import BadInput, Refused
from huizhen.schemas.events import FrameVerdict, GeometryDeclared
from huizhen.schemas.ids import SessionId, TenantId
from huizhen.schemas.reasons import Outcome, RejectReason, Verdict
from huizhen.schemas.record import FrameHead, FrameMeta
from huizhen.schemas.settings import ArchiveSettings
from huizhen.sinks.effects import Effect, Forget, WriteLedger
from huizhen.sinks.frames import Held
from huizhen.sinks.ledger import entries_without_object
from huizhen.sinks.session import CLOSED, Now, SessionArchive

HELD_MAX_BYTES = 1 << 30  # on this machine's disk: above it ranges are closed before they are full


class Reading(Enum):
    """How a worker stands to a session's records."""

    NOT_OURS = "another worker reads them"
    BEHIND = "old records are still to be read: nothing is known to be missing"
    AT_END = "all that came was read"


@dataclass(slots=True)
class Archive:
    """All sessions."""

    settings: ArchiveSettings
    sessions: dict[tuple[str, str], SessionArchive] = field(default_factory=dict)
    held_max_bytes: int = HELD_MAX_BYTES

    def session(self, tenant: str, session: str, now: Now) -> SessionArchive:
        """Give a session, made when it is first heard of."""
        key = (tenant, session)
        if key not in self.sessions:
            self.sessions[key] = SessionArchive(
                TenantId(tenant), SessionId(session), self.settings, now.monotonic_s, draining_since_s=now.monotonic_s
            )
        return self.sessions[key]

    def event(self, event: Any, now: Now) -> None:
        """Take an event of the sessions or ledger topics."""
        session = self.session(event.tenant, event.session, now)
        match event:
            case events.Announced():
                session.announce(event, now)
            case events.GeometryDeclared():
                session.said.declare(event)
            case events.Progress():
                session.advance(event, now)
            case events.Sealed():
                session.seal(event, now)
            case events.LedgerEntry():
                session.fold(event)
            case events.SealReport():
                session.reported(event)

    def erased(self, tenant: str, session: str) -> None:
        """Forget a session's identity: its announcement was erased from the log."""
        found = self.sessions.get((tenant, session))
        if found is not None:
            found.said.announced = None

    def geometry(self, head: FrameHead) -> GeometryDeclared:
        """Give the geometry of a frame; raises Refused where its session or geometry is not known."""
        stream = head.frame.stream
        found = self.sessions.get((stream.tenant, stream.session))
        if found is None or found.said.announced is None:
            raise Refused(RejectReason.UNKNOWN_SESSION, f"session {stream.session} was never announced")
        if not found.said.knows(stream.source, int(head.geometry)):
            raise Refused(RejectReason.UNKNOWN_GEOMETRY, f"geometry {head.geometry} of {stream} was never declared")
        return found.said.geometries[stream.source, int(head.geometry)]

    def wants(self, meta: FrameMeta, now: Now) -> bool:
        """Say whether a frame's bytes are to be kept on this machine: it may be recorded and is not stored yet."""
        stream = meta.head.frame.stream
        session = self.sessions[stream.tenant, stream.session]
        session.judge(stream.source, int(meta.head.frame.number), "", now)
        if not session.said.is_recorded:
            return False
        return int(meta.head.frame.number) not in session.stream(stream.source).ledger.stored

    def frame(self, meta: FrameMeta, frame: Held, now: Now) -> list[Effect]:
        """Take a frame whose geometry is known, that was checked and whose bytes wait on this machine."""
        stream = meta.head.frame.stream
        return self.session(stream.tenant, stream.session, now).take(stream.source, frame, meta.exact, now)

    def refused(self, head: FrameHead, error: BadInput, now: Now) -> None:
        """Note that a frame was refused here."""
        stream = head.frame.stream
        session = self.session(stream.tenant, stream.session, now)
        session.refuse(stream.source, int(head.frame.number), error.reason)

    def verdict(self, verdict: FrameVerdict, now: Now) -> None:
        """Take a verdict."""
        reason = next(iter(verdict.reasons), str(RejectReason.POLICY)) if verdict.verdict == Verdict.REJECTED else ""
        self.session(verdict.tenant, verdict.session, now).judge(verdict.source, verdict.number, reason, now)

    def reject_at_station(
        self, head: FrameHead, reason: RejectReason, place: tuple[str, int, int], now: Now
    ) -> list[Effect]:
        """Take a frame that its station could not read; `place`: topic, partition and offset of its bytes."""
        stream = head.frame.stream
        number = int(head.frame.number)
        session = self.session(stream.tenant, stream.session, now)
        session.judge(stream.source, number, "", now)
        if number in session.stream(stream.source).ledger.accounted():
            return []
        (entry,) = entries_without_object(stream, [((number, number), reason)], Outcome.REJECTED, now.utc_ns)
        return [WriteLedger((replace(entry, topic=place[0], partition=place[1], offset=place[2]),))]

    def settle(self, now: Now) -> list[Effect]:
        """Give the ledger entries of what was rejected since the last call."""
        return [effect for session in self.sessions.values() for effect in session.settle(now)]

    def tick(self, now: Now, reading: Callable[[str], Reading]) -> list[Effect]:
        """Let time pass for the sessions that are ours; one whose records are still being caught up waits."""
        effects: list[Effect] = []
        for session in self.sessions.values():
            match reading(session.session):
                case Reading.AT_END:
                    effects += session.tick(now)
                case Reading.BEHIND:
                    session.wait(now)
        return effects + self._relieve()

    def held(self) -> Iterator[Held]:
        """Give every frame that waits."""
        for session in self.sessions.values():
            for stream in session.streams.values():
                yield from stream.held()

    @property
    def open_sessions(self) -> int:
        """Count the announced sessions whose ledger is not closed."""
        return sum(each.said.announced is not None and each.state not in CLOSED for each in self.sessions.values())

    def lose(self, partition: int) -> list[Effect]:
        """Let go of a partition that another worker reads from now on."""
        effects: list[Effect] = []
        for session in self.sessions.values():
            for stream in session.streams.values():
                effects += [Forget(frame.ref) for frame in stream.drop(partition)]
        return effects

    def _relieve(self) -> list[Effect]:
        """Close the largest range where too much waits on this machine."""
        if sum(frame.ref.size for frame in self.held()) <= self.held_max_bytes:
            return []
        streams = [stream for session in self.sessions.values() for stream in session.streams.values()]
        largest = max(streams, key=lambda each: each.held_bytes).stream
        return self.sessions[largest.tenant, largest.session].relieve(largest.source)
