"""What the checker saw of one session, each kind by its own reading: nothing here comes from the pipeline's account."""

from dataclasses import dataclass, field

from huizhen.schemas.decision import Choice
from huizhen.schemas.events import LedgerEntry, SealReport
from huizhen.schemas.ranges import Ranges
from huizhen.schemas.reasons import RejectReason


@dataclass(frozen=True, slots=True)
class Captured:
    """A frame as its station journalled it; digests are SHA-256 in hex."""

    frame_digest: str
    pixel_digest: str
    readable: bool = True
    """False: the station could not read it, and sent the original bytes to `rejected`"""


@dataclass(frozen=True, slots=True)
class Held:
    """A frame as it lies in an object; all digests were computed from the bytes read."""

    key: str
    key_tenant: str
    key_session: str
    tenant: str
    """As the object itself says; so session and source"""
    session: str
    source: str
    number: int
    frame_digest: str
    pixel_digest: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record on `rejected`."""

    source: str
    number: int
    """-1: it names no frame that can be read"""
    reason: RejectReason
    tenant: str
    frame_digest: str = ""
    decided: Choice | None = None
    """What a person decided; None: it waits"""


@dataclass(slots=True)
class SourceHistory:
    """One source of a session."""

    captured: dict[int, Captured] = field(default_factory=dict)
    has_journal: bool = False
    sealed_frames: int | None = None
    progress_frames: int = 0
    """As the station said last; all there is of one that died before its seal"""
    dropped: Ranges = field(default_factory=Ranges)
    acknowledged: Ranges = field(default_factory=Ranges)
    """Frames that the raw consumer found whole on a topic"""
    refused: list[Refusal] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """How many frames were numbered: by the journal, at the least by the seal."""
        last = max((*self.captured, *(last for _, last in self.dropped.pairs())), default=-1)
        return max(last + 1, self.sealed_frames or 0, self.progress_frames)


@dataclass(slots=True)
class Session:
    """All that was seen of one session."""

    tenant: str
    session: str
    epoch: int = 0
    """The highest that was announced"""
    sources: dict[str, SourceHistory] = field(default_factory=dict)
    reports: list[SealReport] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    """Keys of objects that are not the bytes their key names, or no instance at all"""
    lacking: list[str] = field(default_factory=list)
    """Keys that the ledger names and the listing does not"""
    viewers: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """By viewer: source and number of each picture in the order they came; empty: none were recorded"""
    lag: int | None = None
    """Records not confirmed by the groups; None: not asked"""

    def source(self, name: str) -> SourceHistory:
        """Give a source's history, a new one where none was there."""
        return self.sources.setdefault(name, SourceHistory())
