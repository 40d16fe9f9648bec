"""What a station said of a session: its announcement, sources, geometries, progress and seal; the newest epoch wins."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from huizhen.schemas.events import Announced, GeometryDeclared, Progress, Sealed, SourceInfo
from huizhen.schemas.ids import SourceId
from huizhen.sinks.seal import Extent, extent_of


@dataclass(slots=True)
class Said:
    """The facts of one session. Each `take` raises BadId for an id that breaks its rule, and then changes nothing."""

    announced: Announced | None = None
    sources: dict[str, SourceInfo] = field(default_factory=dict)
    """As they were announced last; a source of an earlier epoch stays known"""
    geometries: dict[tuple[str, int], GeometryDeclared] = field(default_factory=dict)
    progress: dict[str, Progress] = field(default_factory=dict)
    sealed: Sealed | None = None

    def is_fenced(self, epoch: int) -> bool:
        """Say whether a producer of this epoch was superseded by a later one."""
        return self.announced is not None and epoch < self.announced.epoch

    @property
    def is_recorded(self) -> bool:
        """Say whether the session may be stored."""
        return self.announced is not None and self.announced.recording

    def announce(self, event: Announced) -> None:
        """Take an announcement."""
        self.sources |= {SourceId(each.source): each for each in event.sources}
        self.announced = event

    def declare(self, event: GeometryDeclared) -> None:
        """Take a geometry."""
        self.geometries[SourceId(event.source), event.geometry] = event

    def advance(self, event: Progress) -> bool:
        """Take a source's progress; say whether it is news."""
        before = self.progress.get(SourceId(event.source))
        if before is not None and (event.epoch, event.at_ns) < (before.epoch, before.at_ns):
            return False
        self.progress[event.source] = event
        return True

    def seal(self, event: Sealed) -> None:
        """Take the producer's seal."""
        for each in event.sources:
            SourceId(each.source)
        self.sealed = event

    def knows(self, source: str, geometry: int) -> bool:
        """Say whether frames of this source and geometry can be read: announced and declared."""
        return self.announced is not None and source in self.sources and (source, geometry) in self.geometries

    def names(self) -> list[str]:
        """List the sources, announced or sealed, in order of their names."""
        return sorted({*self.sources, *(each.source for each in (self.sealed.sources if self.sealed else []))})

    def extents(self, seen: Mapping[str, int]) -> dict[str, Extent]:
        """Give what each source captured, as far as is known; `seen`: highest frame number of a source plus one."""
        sealed = {each.source: each for each in (self.sealed.sources if self.sealed else [])}
        return {name: extent_of(sealed.get(name), self.progress.get(name), seen.get(name, 0)) for name in self.names()}

    @property
    def sealed_frames(self) -> int | None:
        """Give how many frames the producer sealed, or None where it did not."""
        return None if self.sealed is None else sum(each.frames for each in self.sealed.sources)
