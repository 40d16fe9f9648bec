"""Everything a request may need, made once in `main` (or by a test, with fakes) and handed to `create_app`."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import HTTPConnection

from huizhen.api.access import Access
from huizhen.api.audit import AuditSink
from huizhen.api.files import PatientFiles, Stored
from huizhen.api.hub import Hub
from huizhen.api.instance_frames import InstanceFrames
from huizhen.api.metrics import Metrics
from huizhen.api.playbacks import Playbacks
from huizhen.api.presence import Presence
from huizhen.api.principal import Principal
from huizhen.api.rate import Rates
from huizhen.api.room_hub import RoomHub
from huizhen.api.seats import Seats
from huizhen.api.signin import LocalIssuer
from huizhen.api.tickets import Tickets
from huizhen.api.turn import IceServer
from huizhen.api.world import World
from huizhen.schemas.events import ConsultEvent, Gesture
from huizhen.schemas.ids import StreamId
from huizhen.schemas.settings import Settings

UPLOADS_AT_ONCE = 2  # each may hold twice `api.upload_max_bytes` in memory
TRANSCODED_AT_ONCE = 1  # each takes a core for seconds; the live pictures need the other


class Tokens(Protocol):
    """Checks bearer tokens."""

    async def principal_of(self, token: str, now_s: float) -> Principal:
        """Verify a token; raises BadToken, or Unavailable while keys cannot be had."""
        ...


class ConsultLog(Protocol):
    """The log of consultations."""

    async def append(self, event: ConsultEvent) -> None:
        """Publish an event and return when it was read back and folded; raises Unavailable."""


class Gestures(Protocol):
    """What passes in rooms and is not kept."""

    def send(self, gesture: Gesture) -> None:
        """Tell everybody in the room, in this process and others; never waits, never fails."""


class IdStore(Protocol):
    """Keeps ids over a restart."""

    def add(self, name: str, expires_at_s: float) -> None:
        """Write an id and wait until the disk has it; it may be forgotten at `expires_at_s`, seconds since 1970."""


class Objects(Protocol):
    """The archive's store, for reading."""

    async def get(self, key: str, sha256: str) -> bytes:
        """Give an object whose bytes have the digest; raises Unavailable, or Problem 502 where they have another."""
        ...

    async def put(self, key: str, content: bytes, media_type: str) -> None:
        """Write an object whose key names its digest: a second time changes nothing; raises Unavailable."""

    async def under(self, prefix: str, limit: int) -> list[Stored]:
        """List the first objects under a prefix, by key; raises Unavailable."""
        ...


class Begun(Protocol):
    """A video that was answered."""

    @property
    def id(self) -> str:
        """Its name, which cannot be guessed."""
        ...

    @property
    def answer(self) -> str:
        """The SDP answer."""
        ...


class VideoDoor(Protocol):
    """Video of live sources."""

    def ice_server(self) -> IceServer | None:
        """Make credentials for the site's relays; None where there are none."""
        ...

    async def begin(self, access: Access, stream: StreamId, offer: bytes) -> Begun:
        """Answer an offer; raises BadInput, Problem 429 where too many watch, Unavailable where it cannot be had."""
        ...

    def end(self, name: str, access: Access) -> bool:
        """End a video that this person watches; False where there is none."""
        ...


@dataclass(slots=True)
class Parts:
    """What the api is made of."""

    settings: Settings
    tokens: Tokens
    issuer: LocalIssuer | None
    used_codes: IdStore
    ended: IdStore
    """Sign-ins that were ended, by `presence.digest_of`"""
    world: World
    hub: Hub
    audit: AuditSink
    log: ConsultLog
    objects: Objects
    rates: Rates
    metrics: Metrics
    now_ns: Callable[[], int]
    """UTC nanoseconds since 1970"""
    secret: Callable[[], str]
    """A new secret or id that cannot be guessed, 32 characters of a-z, 0-9"""
    origins: frozenset[str]
    """Origins of pages that may open sockets"""
    seats: Seats
    frames: InstanceFrames
    files: PatientFiles
    room_hub: RoomHub
    gestures: Gestures
    video: VideoDoor | None = None
    """None: this site offers none"""
    transcoding: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(TRANSCODED_AT_ONCE))
    uploading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(UPLOADS_AT_ONCE))
    presence: Presence = field(default_factory=Presence)
    playbacks: Playbacks = field(default_factory=Playbacks)
    tickets: Tickets = field(default_factory=Tickets)

    @property
    def now_s(self) -> float:
        """UTC seconds since 1970."""
        return self.now_ns() / 1e9


def parts_of(connection: HTTPConnection) -> Parts:
    """Give the parts of the app that serves this request."""
    parts: Parts = connection.app.state.parts
    return parts
