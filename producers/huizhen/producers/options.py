"""What one run of a capture is asked to do, beside the settings of its station."""

from dataclasses import dataclass, field

from huizhen.producers.item import ItemSource
from huizhen.schemas.events import Consent
from huizhen.schemas.ids import SessionId, SourceId, Uid
from huizhen.schemas.profile import Profile

ACCESS_MODES = ("A", "B")


@dataclass(frozen=True, slots=True)
class Input:
    """One source of a session with its profile."""

    id: SourceId
    source: ItemSource
    profile: Profile


@dataclass(frozen=True, slots=True)
class Exam:
    """What Announced says of the exam beyond what the source knows."""

    study_instance_uid: str = ""
    """Empty: the source's own, or a new one"""
    accession_number: str = ""
    order_uid: str = ""
    access_mode: str = "B"
    """A: desktop sharing, viewers cannot operate; B: interface, operation under a lease"""
    recording: bool = True
    consent: Consent = field(default_factory=Consent)
    retention_class: str = "standard"

    def __post_init__(self) -> None:
        if self.access_mode not in ACCESS_MODES:
            raise ValueError(f"access mode {self.access_mode!r}: A (desktop sharing) or B (interface) is wanted")
        for uid in (self.study_instance_uid, self.order_uid):
            if uid:
                Uid(uid)


@dataclass(frozen=True, slots=True)
class Options:
    """How a capture runs."""

    session: SessionId
    profile: Profile
    source_id: SourceId = SourceId("probe")  # noqa: RUF009 - immutable
    exam: Exam = Exam()
    others: tuple[Input, ...] = ()
    """Further sources of the same session"""
    frames: int = 0
    """Stop after so many frames of each source; 0: at its end"""
    flush_timeout_s: float = 600.0
    """At the end, wait so long for Kafka to take what is left; then it stays in the journal"""
    wait_stored_s: float = 90.0
    """After the seal, wait so long for the archive's word; then the journal stays"""
    recover: bool = True
    """Publish what earlier sessions left in the journal"""
