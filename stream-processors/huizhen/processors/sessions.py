"""What is known of sessions from the `sessions` topics. Fed by the reader's thread, asked by the event loop.

A session is replaced whole and a geometry added in one step, so that both threads see old or new, never half. Bounded:
the oldest sessions go first, and their packets are then of an unknown session.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from huizhen.schemas.errors import BadInput
from huizhen.schemas.events import Announced, GeometryDeclared, Sealed, SourceInfo
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.ids import GeometryId, SourceId, StreamId, TenantId

SESSIONS_MAX = 10_000  # a year of 30 exams a day and institution; about 4 KB each
GEOMETRIES_MAX = 8192  # per session: a CT or MR series declares one per slice

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class KnownGeometry:
    """How the frames of a geometry must look."""

    pixels: PixelFormat
    coding_digest: str


Geometries = dict[tuple[str, int], KnownGeometry | BadInput]
"""By source and geometry id: how frames must look, or why the geometry is refused"""


@dataclass(frozen=True, slots=True)
class KnownSession:
    """An announced session; `refusal` says why none of its packets is accepted, where that is so."""

    epoch: int
    announced_at_ns: int
    sources: Mapping[str, SourceInfo]
    refusal: BadInput | None = None
    is_sealed: bool = False
    geometries: Geometries = field(default_factory=dict)


class Sessions:
    """Sessions by tenant and id."""

    def __init__(self, sessions_max: int = SESSIONS_MAX) -> None:
        self._max = sessions_max
        self._known: dict[Key, KnownSession] = {}
        self._early: dict[Key, Geometries] = {}

    def announce(self, event: Announced, refusal: BadInput | None = None) -> None:
        """Take a session's beginning, or a new epoch of it; `refusal` where its attributes are refused."""
        key = event.tenant, event.session
        before = self._known.pop(key, None)
        geometries = before.geometries if before else self._early.pop(key, {})
        sources = {source.source: source for source in event.sources}
        self._known[key] = KnownSession(event.epoch, event.announced_at_ns, sources, refusal, geometries=geometries)
        if len(self._known) > self._max:
            del self._known[next(iter(self._known))]

    def declare(self, event: GeometryDeclared, refusal: BadInput | None = None) -> None:
        """Take a geometry; `refusal` where it is refused. Raises BadInput where its format is none of ours."""
        known = refusal or KnownGeometry(event.pixel_format, event.coding_digest)
        key, name = (event.tenant, event.session), (event.source, event.geometry)
        session = self._known.get(key)
        if session is None:  # another partition of the topic: its Announced is still to be read
            if len(self._early) < self._max:
                self._early.setdefault(key, {})[name] = known
        elif len(session.geometries) < GEOMETRIES_MAX:
            session.geometries[name] = known

    def seal(self, event: Sealed) -> None:
        """Take a session's end."""
        session = self._known.get((event.tenant, event.session))
        if session is not None and event.epoch >= session.epoch:
            self._known[event.tenant, event.session] = replace(session, is_sealed=True)

    def forget(self, tenant: str, session: str) -> None:
        """Take the tombstone of a session's beginning."""
        self._known.pop((tenant, session), None)

    def find(self, tenant: str, session: str) -> KnownSession | None:
        """Give a session, or None."""
        return self._known.get((tenant, session))

    def geometry(self, stream: StreamId, geometry: GeometryId) -> KnownGeometry | BadInput | None:
        """Give a declared geometry, why it is refused, or None."""
        session = self.find(stream.tenant, stream.session)
        return session.geometries.get((stream.source, int(geometry))) if session else None

    def source(self, stream: StreamId) -> SourceInfo | None:
        """Give what was announced of a source, or None."""
        session = self.find(stream.tenant, stream.session)
        return session.sources.get(str(SourceId(stream.source))) if session else None

    def is_sealed(self, stream: StreamId) -> bool:
        """Say whether the stream's session has ended."""
        session = self.find(stream.tenant, stream.session)
        return session is not None and session.is_sealed

    @property
    def count(self) -> int:
        """How many sessions are known."""
        return len(self._known)


def apply(sessions: Sessions, event: Any, tenant: TenantId, refusal: BadInput | None = None) -> bool:
    """Take an event of a tenant's topic, and why it is refused if so; say whether it was one of that tenant."""
    if event.tenant != tenant:
        return False
    match event:
        case Announced():
            sessions.announce(event, refusal)
        case GeometryDeclared():
            sessions.declare(event, refusal)
        case Sealed():
            sessions.seal(event)
    return True
