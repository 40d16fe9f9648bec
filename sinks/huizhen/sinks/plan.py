"""What one DICOM instance of the archive is made of."""

from dataclasses import dataclass
from itertools import pairwise

from huizhen.schemas.events import Announced, GeometryDeclared, SourceInfo
from huizhen.schemas.ids import FrameNumber, StreamId, Uid
from huizhen.schemas.keys import instance_key
from huizhen.sinks.frames import Held
from huizhen.sinks.uids import instance_uid, series_uid

EXACT, SUPPLEMENT, DERIVED, MASK = "exact", "supplement", "derived", "mask"


@dataclass(frozen=True, slots=True)
class Plan:
    """An instance to be written: its frames by rising number, and everything that is said of them."""

    kind: str
    """exact, supplement or derived"""
    stream: StreamId
    announced: Announced
    source: SourceInfo
    geometry: GeometryDeclared
    frames: tuple[Held, ...]

    def __post_init__(self) -> None:
        numbers = [frame.number for frame in self.frames]
        if not numbers or any(later <= earlier for earlier, later in pairwise(numbers)):
            raise ValueError(f"an instance needs frames of rising number, not {numbers[:8]}")

    @property
    def first(self) -> int:
        """Number of its first frame."""
        return self.frames[0].number

    @property
    def last(self) -> int:
        """Number of its last frame."""
        return self.frames[-1].number

    @property
    def sop_instance_uid(self) -> Uid:
        """UID made of the frames' numbers and digests."""
        return instance_uid(self.stream, self.kind, ((each.number, each.stored_digest) for each in self.frames))

    @property
    def series_instance_uid(self) -> Uid:
        """UID of the source's series; derived frames have one of their own."""
        return series_uid(self.stream, "derived" if self.kind == DERIVED else "acquired")

    @property
    def source_index(self) -> int:
        """Position of the source in its session; one that was announced no more stands behind the others."""
        names = [each.source for each in self.announced.sources]
        return names.index(self.source.source) if self.source.source in names else len(names)

    def key(self, sha256: str) -> str:
        """Give the object key of the instance's file."""
        return instance_key(self.stream, self.kind, FrameNumber(self.first), FrameNumber(self.last), sha256)
