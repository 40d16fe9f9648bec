"""One session as the topics tell it: a fold of its events, in whatever order they come."""

from collections import deque
from dataclasses import dataclass, field

from huizhen.api.marks import ASSEMBLED, DERIVED, EXACT, FILLED, INCOMPLETE, MISSING, REJECTED, STORED, FrameMarks
from huizhen.schemas.account import Account, Reasons, summed
from huizhen.schemas.events import Announced, FrameVerdict, GeometryDeclared, LedgerEntry, Progress, Sealed, SealReport
from huizhen.schemas.percentile import percentile
from huizhen.schemas.reasons import Outcome, Verdict
from huizhen.schemas.states import SessionChange, SessionState, next_session

LATENCIES = 300  # frames over which latency is told: 10 s at 30 frames/s
GEOMETRIES_MAX = 64  # geometries remembered per source; the oldest goes
SOURCES_MAX = 32
OUTCOME_FLAG: dict[str, int] = {
    Outcome.STORED: STORED,
    Outcome.REJECTED: REJECTED,
    Outcome.MISSING: MISSING,
    Outcome.DERIVED: DERIVED,
}


@dataclass(frozen=True, slots=True)
class Stored:
    """One run of frames in a stored instance; `index` is that of frame `first`, from 0."""

    sop_instance_uid: str
    series_instance_uid: str
    object_key: str
    object_sha256: str
    first: int
    last: int
    index: int


@dataclass(slots=True)
class Source:
    """What is known of one source."""

    marks: FrameMarks = field(default_factory=FrameMarks)
    geometries: dict[int, GeometryDeclared] = field(default_factory=dict)
    stored: dict[tuple[str, int], Stored] = field(default_factory=dict)
    reasons: Reasons = field(default_factory=Reasons)
    latencies_ns: deque[int] = field(default_factory=lambda: deque(maxlen=LATENCIES))
    captured: int = 0
    behind: int = 0
    alarm: str = ""
    newest: int = -1
    newest_at_ns: int = 0
    """Capture time of the newest assembled frame by the cloud's clock"""

    def latency_ns(self, share: float) -> int | None:
        """Give a percentile of capture to assembled; None before the first frame."""
        return percentile(self.latencies_ns, share)


@dataclass(slots=True)
class Session:
    """What is known of one session; it is shown once it was announced."""

    tenant: str
    session: str
    announced: Announced | None = None
    sealed: Sealed | None = None
    report: SealReport | None = None
    sources: dict[str, Source] = field(default_factory=dict)

    @property
    def state(self) -> SessionState:
        """Walk the state table with the facts in their natural order."""
        state = SessionState.ANNOUNCED
        if any(source.newest >= 0 for source in self.sources.values()):
            state = next_session(state, SessionChange.FRAME)
        if self.sealed is not None and (self.announced is None or self.sealed.epoch >= self.announced.epoch):
            silent = self.sealed.by == "timeout"
            state = next_session(state, SessionChange.SILENCE if silent else SessionChange.SEALED)
            if self.report is not None:
                state = next_session(state, SessionChange.ALL_ACCOUNTED)
        return state

    def source(self, name: str) -> Source:
        """Give what is known of a source, beginning it where it is new."""
        if name not in self.sources and len(self.sources) >= SOURCES_MAX:
            return Source()
        return self.sources.setdefault(name, Source())

    @property
    def account(self) -> Account:
        """Say what became of all frames: by the archive's report, before that as far as the ledger has come."""
        sources, report = self.sources.values(), self.report
        reasons = [source.reasons for source in sources]
        why = summed(reasons, Outcome.REJECTED), summed(reasons, Outcome.MISSING)
        if report is not None:
            return Account(report.captured, report.stored, report.rejected, report.missing, report.derived, *why)
        counts = [source.marks.counts() for source in sources]
        return Account(
            sum(source.captured for source in sources),
            sum(each.stored for each in counts),
            sum(each.rejected for each in counts),
            sum(each.missing for each in counts),
            sum(each.derived for each in counts),
            *why,
        )

    def take(self, event: object) -> None:
        """Fold one event in; events that tell nothing of sessions change nothing."""
        match event:
            case Announced():
                self._announce(event)
            case GeometryDeclared():
                self._declare(event)
            case Progress():
                self._progress(event)
            case Sealed():
                self._seal(event)
            case FrameVerdict():
                self._judge(event)
            case LedgerEntry():
                self._account(event)
            case SealReport():
                self.report = event

    def _announce(self, event: Announced) -> None:
        if self.announced is None or event.epoch >= self.announced.epoch:
            self.announced = event
            for info in event.sources[:SOURCES_MAX]:
                self.source(info.source)

    def _declare(self, event: GeometryDeclared) -> None:
        known = self.source(event.source).geometries
        known[event.geometry] = event
        while len(known) > GEOMETRIES_MAX:
            del known[next(iter(known))]

    def _progress(self, event: Progress) -> None:
        source = self.source(event.source)
        source.captured = max(source.captured, event.captured)
        source.behind, source.alarm = event.behind_frames, event.alarm

    def _seal(self, event: Sealed) -> None:
        if self.sealed is None or event.epoch >= self.sealed.epoch:
            self.sealed = event
            for one in event.sources:
                source = self.source(one.source)
                source.captured = max(source.captured, one.frames)

    def _judge(self, event: FrameVerdict) -> None:
        source = self.source(event.source)
        source.captured = max(source.captured, event.number + 1)
        source.marks.add(event.number, event.number, _flags(event))
        if event.verdict not in (Verdict.PASS, Verdict.REPAIRED):
            return
        if event.number > source.newest:
            source.newest, source.newest_at_ns = event.number, event.captured_at_cloud_ns
            if not event.backfilled:
                source.latencies_ns.append(event.closed_at_ns - event.captured_at_cloud_ns)

    def _account(self, event: LedgerEntry) -> None:
        source = self.source(event.source)
        source.marks.add(event.first, event.last, OUTCOME_FLAG.get(event.outcome, 0))
        source.reasons.take(event)
        if event.sop_instance_uid:
            source.stored[event.outcome, event.first] = Stored(
                event.sop_instance_uid,
                event.series_instance_uid,
                event.object_key,
                event.object_sha256,
                event.first,
                event.last,
                event.index,
            )


def _flags(event: FrameVerdict) -> int:
    if event.verdict == Verdict.REJECTED:
        return REJECTED
    if event.verdict == Verdict.INCOMPLETE:
        return INCOMPLETE
    return ASSEMBLED | (EXACT if event.exact else 0) | (FILLED if event.tiles_filled else 0)
