"""Which instances a session has in the archive, and which frame stands where in them: read from the ledger's runs."""

import hashlib
from dataclasses import dataclass

from huizhen.api.session import Session, Source, Stored
from huizhen.schemas.codestream import MainHeader
from huizhen.schemas.events import GeometryDeclared

KIND_AT = 3  # tenant/session/source/kind/… : `huizhen.schemas.keys`


@dataclass(frozen=True, slots=True)
class Instance:
    """One stored DICOM instance."""

    source: str
    runs: tuple[Stored, ...]
    """Its runs of frames by index; frames between runs are not in it"""

    @property
    def uid(self) -> str:
        """SOPInstanceUID."""
        return self.runs[0].sop_instance_uid

    @property
    def kind(self) -> str:
        """What it holds: exact, supplement or derived frames."""
        pieces = self.runs[0].object_key.split("/")
        return pieces[KIND_AT] if len(pieces) > KIND_AT else "exact"

    @property
    def first(self) -> int:
        """Number of its first frame."""
        return min(run.first for run in self.runs)

    @property
    def last(self) -> int:
        """Number of its last frame."""
        return max(run.last for run in self.runs)

    @property
    def frames(self) -> int:
        """Frames in it."""
        return sum(run.last - run.first + 1 for run in self.runs)


def instances(session: Session) -> list[Instance]:
    """List a session's instances by first frame and source."""
    found: list[Instance] = []
    for name, source in session.sources.items():
        by_uid: dict[str, list[Stored]] = {}
        for run in source.stored.values():
            by_uid.setdefault(run.sop_instance_uid, []).append(run)
        found += [Instance(name, tuple(sorted(runs, key=lambda run: run.index))) for runs in by_uid.values()]
    return sorted(found, key=place)


def place(instance: Instance) -> tuple[int, str, str]:
    """Give the place of an instance in lists."""
    return instance.first, instance.source, instance.uid


def find(session: Session, uid: str) -> Instance | None:
    """Give the instance of that UID."""
    return next((one for one in instances(session) if one.uid == uid), None)


def geometries_of(source: Source, header: MainHeader) -> list[GeometryDeclared]:
    """Give the geometries whose frames are coded so, oldest first; several may differ in window or spacing alone."""
    digest = hashlib.sha256(header.encode()).hexdigest()
    return [one for one in source.geometries.values() if one.coding_digest == digest]


def geometry_of(source: Source, named: int | None, header: MainHeader) -> GeometryDeclared | None:
    """Give the geometry of a stored frame: the one its instance names, else the newest with its coding."""
    known = geometries_of(source, header)
    return next((one for one in known if one.geometry == named), known[-1] if known else None)
