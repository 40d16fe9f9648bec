"""One session in the archive: what was announced, what its sources have, and when its ledger is closed.

Life: announced, live, draining from its seal on, sealed when everything is accounted for or has had its time (states.py
has the table). A session that is silent is sealed by timeout. A new frame opens a sealed session again; then its next
report amends the earlier one.
"""

from dataclasses import dataclass, field, replace

from huizhen.schemas.events import (
    Announced,
    Command,
    LedgerEntry,
    Progress,
    Sealed,
    SealReport,
    StoredSource,
)
from huizhen.schemas.ids import SessionId, SourceId, StreamId, TenantId
from huizhen.schemas.reasons import RejectReason, Withheld
from huizhen.schemas.settings import ArchiveSettings
from huizhen.schemas.states import SessionChange, SessionState, next_session
from huizhen.sinks.effects import Effect, Forget, Send, StoreInstance
from huizhen.sinks.frames import Held
from huizhen.sinks.instance import sop_class_of
from huizhen.sinks.plan import Plan
from huizhen.sinks.ranges import Limits
from huizhen.sinks.report import Closing as Ending
from huizhen.sinks.said import Said
from huizhen.sinks.seal import Asking, Extent
from huizhen.sinks.sop_classes import is_multi_frame
from huizhen.sinks.stream import Closing, StreamArchive

CLOSED = frozenset({SessionState.SEALED, SessionState.SEALED_BY_TIMEOUT, SessionState.FAILED})
PRODUCER, TIMEOUT = "producer", "timeout"


@dataclass(frozen=True, slots=True)
class Now:
    """The time, given from outside: monotonic seconds and UTC nanoseconds since 1970."""

    monotonic_s: float
    utc_ns: int


@dataclass(slots=True)
class SessionArchive:
    """What the archive knows of a session and holds of it."""

    tenant: TenantId
    session: SessionId
    settings: ArchiveSettings
    active_s: float
    """When anything of it last came, on the monotonic clock"""
    said: Said = field(default_factory=Said)
    report: SealReport | None = None
    state: SessionState = SessionState.ANNOUNCED
    streams: dict[str, StreamArchive] = field(default_factory=dict)
    draining_since_s: float = 0.0
    told_at_ns: int = 0
    """Which seal the station was told of as stored, by the seal's own time"""
    _asking: dict[str, Asking] = field(default_factory=dict)
    _per_instance: dict[tuple[str, int], int] = field(default_factory=dict)

    def stream(self, source: str) -> StreamArchive:
        """Give the frames of a source."""
        if source not in self.streams:
            name = StreamId(self.tenant, self.session, SourceId(source))
            self.streams[source] = StreamArchive(name, lambda geometry: self._frames_per_instance(source, geometry))
        return self.streams[source]

    def _frames_per_instance(self, source: str, geometry_id: int) -> int:
        key = (source, geometry_id)
        if key not in self._per_instance:
            geometry = self.said.geometries[key]
            multi_frame = is_multi_frame(sop_class_of(self.said.sources[source], geometry))
            limits = Limits(self.settings.instance_max_bytes, self.settings.instance_max_frames)
            self._per_instance[key] = limits.per_instance(geometry.pixel_format, multi_frame)
        return self._per_instance[key]

    def announce(self, event: Announced, now: Now) -> None:
        """Take an announcement; one of a lower epoch is a fenced producer's and changes nothing."""
        if self.said.is_fenced(event.epoch):
            return
        earlier = self.said.announced
        self.said.announce(event)
        self.active_s = now.monotonic_s
        if earlier is not None and event.epoch > earlier.epoch:
            self.state = next_session(self.state, SessionChange.NEW_EPOCH)

    def advance(self, event: Progress, now: Now) -> None:
        """Take a source's progress."""
        if self.said.advance(event):
            self.active_s = now.monotonic_s

    def seal(self, event: Sealed, now: Now) -> None:
        """Take the producer's seal: from now on, what is missing has `drain_s` to come."""
        if self.said.is_fenced(event.epoch):
            return
        self.said.seal(event)
        self.active_s = now.monotonic_s
        if not self._is_reported():
            self.state, self.draining_since_s = SessionState.DRAINING, now.monotonic_s

    def _is_reported(self) -> bool:
        """Say whether the last report was made of the seal that stands."""
        report = self.report
        return report is not None and report.by == PRODUCER and report.captured == self.said.sealed_frames

    def fold(self, entry: LedgerEntry) -> None:
        """Take a ledger entry, ours or a former owner's."""
        self.stream(entry.source).ledger.fold(entry, self.report.at_ns if self.report else 0)

    def reported(self, report: SealReport) -> None:
        """Take the report that closed the ledger; our own comes back and changes nothing."""
        if report == self.report:
            return
        self.report = report
        for stream in self.streams.values():
            stream.ledger.close(report.at_ns)
        if report.by == TIMEOUT and self.said.sealed is None:
            self.state = SessionState.SEALED_BY_TIMEOUT
        elif self._is_reported() or self.said.sealed is None:
            self.state = SessionState.SEALED

    def take(self, source: str, frame: Held, exact: bool, now: Now) -> list[Effect]:
        """Take a frame that was checked and whose bytes wait on this machine."""
        stream = self.stream(source)
        if not stream.has(frame.number) and (exact or frame.number not in stream.ledger.derived):
            self._wake(now)
            self._asks(source).came(frame.number, now.monotonic_s)
        closings, effects = stream.take(frame, exact, now.monotonic_s)
        return effects + self._store(stream, closings)

    def _asks(self, source: str) -> Asking:
        return self._asking.setdefault(source, Asking(self.settings.resend_after_s))

    def _wake(self, now: Now) -> None:
        """Take note of life: a closed session opens, and one that drains is given its time again."""
        self.active_s = self.draining_since_s = now.monotonic_s
        if self.state in CLOSED:
            self.state = SessionState.LIVE if self.said.sealed is None else SessionState.DRAINING
        else:
            self.state = next_session(self.state, SessionChange.FRAME)

    def judge(self, source: str, number: int, rejected: str, now: Now) -> None:
        """Take a verdict: a frame exists; `rejected` names why it was refused for good, or is empty."""
        stream = self.stream(source)
        if number >= stream.seen or rejected:
            self.active_s = now.monotonic_s
        stream.seen = max(stream.seen, number + 1)
        if rejected:
            stream.reject(number, rejected)

    def refuse(self, source: str, number: int, reason: RejectReason) -> None:
        """Note that a frame was refused here; it is asked for again and counts as rejected if nothing better comes."""
        self.stream(source).refused[number] = reason

    def settle(self, now: Now) -> list[Effect]:
        """Give the ledger entries of what was rejected since the last call."""
        return [effect for stream in self.streams.values() for effect in stream.settle(now.utc_ns)]

    def relieve(self, source: str) -> list[Effect]:
        """Close a source's largest range before it is full."""
        stream = self.stream(source)
        return self._store(stream, stream.close_largest())

    def wait(self, now: Now) -> None:
        """Start every clock again: what came while the archive was away is still being read."""
        self.active_s = self.draining_since_s = now.monotonic_s

    def tick(self, now: Now) -> list[Effect]:
        """Close ranges that stand still; ask for what is missing; close the ledger when it is time."""
        effects = [
            effect for stream in self.streams.values() for effect in self._store(stream, stream.still(now.monotonic_s))
        ]
        if self.said.announced is None or effects:
            return effects
        extents = self._extents()
        if self.state in CLOSED and any(stream.ledger.entries for stream in self.streams.values()):
            self._wake(now)  # stored after the report, by us before a crash or by a former owner
        if self.state in CLOSED:
            return self._tell_again(now, extents)
        silent = now.monotonic_s >= self.active_s + self.settings.seal_after_silence_s
        if self.state is SessionState.DRAINING:
            over = now.monotonic_s >= self.draining_since_s + self.settings.drain_s
            if over or not self._incoming(extents):
                return self._finish(now, extents, PRODUCER)
        elif silent:
            return self._finish(now, extents, TIMEOUT)
        return self._resends(now, extents) if self.said.is_recorded else []

    def _tell_again(self, now: Now, extents: dict[str, Extent]) -> list[Effect]:
        """Tell a station again that all is stored, where it sealed the session after our report: it missed the word."""
        if self.said.sealed is None or self.report is None or not self._is_reported():
            return []
        if self.report.withheld in (Withheld.JOURNAL_MISMATCH, Withheld.REFUSED):
            return []
        sealed_at_ns = self.said.sealed.sealed_at_ns
        if sealed_at_ns in (0, self.told_at_ns) or sealed_at_ns <= self.report.at_ns or self._incoming(extents):
            return []
        self.told_at_ns = sealed_at_ns
        return [Send(self._stored(now, extents, self.report))]

    def _extents(self) -> dict[str, Extent]:
        return self.said.extents({name: stream.seen for name, stream in self.streams.items()})

    def _incoming(self, extents: dict[str, Extent]) -> bool:
        """Say whether a captured frame is neither here nor given up."""
        if not self.said.is_recorded:
            return False
        return any(self._absent(name, extent, extent.frames) for name, extent in extents.items())

    def _absent(self, source: str, extent: Extent, stop: int) -> list[tuple[int, int]]:
        present = self.stream(source).present()
        for first, last in extent.dropped.pairs():
            present.add(first, last)
        return present.gaps(0, stop)

    def _resends(self, now: Now, extents: dict[str, Extent]) -> list[Effect]:
        effects: list[Effect] = []
        for name, extent in extents.items():
            asking = self._asks(name)
            overdue = asking.overdue(extent, self.stream(name).seen, now.monotonic_s)
            absent = self._absent(name, extent, min(overdue, extent.frames))
            for first, last in asking.ask(absent, now.monotonic_s):
                effects.append(Send(self._command("resend", now, name, first, last)))
        return effects

    def _command(self, kind: str, now: Now, source: str = "", first: int = 0, last: int = 0) -> Command:
        station = self.said.announced.station if self.said.announced else ""
        return Command(self.tenant, station, kind, now.utc_ns, self.session, source, first, last)

    def _finish(self, now: Now, extents: dict[str, Extent], by: str) -> list[Effect]:
        """First store what is held, in as many ticks as it takes; then close the ledger."""
        stores = [e for stream in self.streams.values() for e in self._store(stream, stream.close_all())]
        stores = stores or [e for stream in self.streams.values() for e in self._store(stream, stream.derive())]
        if stores:
            return stores
        ending = Ending(self.tenant, self.session, self.said.is_recorded, by, self.report)
        seal = ending.effect(now.utc_ns, {name: (extent, self.stream(name)) for name, extent in extents.items()})
        self.reported(seal.report)
        self.state = SessionState.SEALED if by == PRODUCER else SessionState.SEALED_BY_TIMEOUT
        if by == TIMEOUT or seal.report.withheld or self.said.sealed is None:
            return [seal]
        self.told_at_ns = self.said.sealed.sealed_at_ns
        return [replace(seal, command=self._stored(now, extents, seal.report))]

    def _stored(self, now: Now, extents: dict[str, Extent], report: SealReport) -> Command:
        """Tell the station what exactly is stored: it compares with its journal before it wipes it."""
        sources = [StoredSource(name, extent.frames, extent.journal_digest) for name, extent in sorted(extents.items())]
        said = self._command("session_stored", now)
        return replace(said, manifest_sha256=report.manifest_sha256, sources=sources)

    def _store(self, stream: StreamArchive, closings: list[Closing]) -> list[Effect]:
        if self.said.announced is None:  # its identity was erased: there is nobody to store these frames for
            return [Forget(frame.ref) for _, frames in closings for frame in frames]
        name = stream.stream.source
        info, geometries = (
            self.said.sources[name],
            [self.said.geometries[name, frames[0].geometry] for _, frames in closings],
        )
        return [
            StoreInstance(Plan(kind, stream.stream, self.said.announced, info, geometry, frames))
            for (kind, frames), geometry in zip(closings, geometries, strict=True)
        ]
