"""The api's app with fakes around it: no Kafka, no S3, no network, a clock that stands still."""

import io
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
from fastapi import FastAPI
from joserfc.jwk import ECKey
from prometheus_client import CollectorRegistry

from huizhen.api.app import create_app
from huizhen.api.auth import issue
from huizhen.api.file_reader import FileRefused, describe
from huizhen.api.file_report import document, report
from huizhen.api.file_shapes import FileFacts, Report
from huizhen.api.files import PatientFiles, Stored
from huizhen.api.hub import Hub
from huizhen.api.instance_frames import InstanceFrames
from huizhen.api.keys_io import LocalTokens
from huizhen.api.metrics import Metrics
from huizhen.api.parts import Parts
from huizhen.api.principal import Principal
from huizhen.api.problem import Problem
from huizhen.api.rate import Rates
from huizhen.api.roles import Role
from huizhen.api.room_hub import RoomHub
from huizhen.api.seats import Seats
from huizhen.api.signin import LocalIssuer
from huizhen.api.world import World
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.events import AuditEvent, ConsultEvent, Gesture
from huizhen.schemas.ids import SubjectId, TenantId
from huizhen.schemas.settings import ApiSettings, Settings
from tests.services.fake_videos import FakeVideos

ORIGIN = "http://127.0.0.1:8080"
START_S = 1_800_000_000
KEY = ECKey.generate_key("P-256")
OTHER_KEY = ECKey.generate_key("P-256")


@dataclass(slots=True)
class FakeAudit:
    """Keeps audit events, or refuses them."""

    events: list[AuditEvent] = field(default_factory=list)
    away: bool = False

    def write(self, event: AuditEvent) -> None:
        if self.away:
            raise Unavailable("the audit log", 5.0)
        self.events.append(event)

    def take(self) -> list[AuditEvent]:
        """Give what was written since the last time."""
        taken, self.events = self.events, []
        return taken


@dataclass(slots=True)
class FakeLog:
    """A log of consultations that is read back at once; `before` stands in it before the next event."""

    world: World
    before: list[ConsultEvent] = field(default_factory=list)
    events: list[ConsultEvent] = field(default_factory=list)
    away: bool = False

    async def append(self, event: ConsultEvent) -> None:
        if self.away:
            raise Unavailable("the log of consultations", 2.0)
        for one in (*self.before, event):
            self.events.append(one)
            self.world.take(one, f"huizhen.consults/0/{len(self.events)}")
        self.before = []


@dataclass(slots=True)
class FakeObjects:
    """Objects in memory; counts how often they are read."""

    by_key: dict[str, bytes] = field(default_factory=dict)
    reads: int = 0

    async def get(self, key: str, sha256: str) -> bytes:
        self.reads += 1
        if key not in self.by_key:
            raise Problem(502, "absent")
        return self.by_key[key]

    async def put(self, key: str, content: bytes, media_type: str) -> None:
        self.by_key[key] = content

    async def under(self, prefix: str, limit: int) -> list[Stored]:
        return [Stored(key, len(self.by_key[key])) for key in sorted(self.by_key) if key.startswith(prefix)][:limit]


@dataclass(slots=True)
class FakeGestures:
    """Gestures that everybody of this process hears at once; `sent` is what Kafka would carry to others."""

    hear: Callable[[Gesture], None]
    sent: list[Gesture] = field(default_factory=list)

    def send(self, gesture: Gesture) -> None:
        self.sent.append(gesture)
        self.hear(gesture)


class InProcessReader:
    """Reads files without a child process."""

    async def describe(self, content: bytes) -> FileFacts:
        return _asked(describe, content)

    async def report(self, content: bytes) -> Report:
        return _asked(report, content)

    async def document(self, content: bytes) -> bytes:
        return _asked(document, content)


Answer = TypeVar("Answer")


def _asked(act: Callable[[io.BytesIO, int], Answer], content: bytes) -> Answer:
    try:
        return act(io.BytesIO(content), len(content))
    except FileRefused as error:
        raise Problem(error.status, error.detail) from None


class FakeIds:
    """Forgets."""

    def add(self, name: str, expires_at_s: float) -> None:
        return


class FakeApi:
    """The app, its fakes, and tokens for anybody."""

    def __init__(self, folder: Path = Path("nowhere"), **settings: object) -> None:
        self.now_s: float = START_S
        counter = itertools.count(1)
        api = ApiSettings.model_validate({"public_url": ORIGIN, **settings})
        self.audit = FakeAudit()
        self.world = World()
        self.world.ready = True
        self.log = FakeLog(self.world)
        self.objects = FakeObjects()
        self.registry = CollectorRegistry()
        hub = RoomHub(self.world.rooms)
        self.world.on_room = hub.changed
        self.gestures = FakeGestures(lambda gesture: hub.gesture(gesture, time.monotonic()))
        self.parts = Parts(
            settings=Settings(api=api),
            tokens=LocalTokens(KEY, api.audience),
            issuer=LocalIssuer(KEY, api.audience, {}),
            used_codes=FakeIds(),
            ended=FakeIds(),
            world=self.world,
            hub=Hub(),
            audit=self.audit,
            log=self.log,
            objects=self.objects,
            frames=InstanceFrames(self.objects.get),
            files=PatientFiles(self.objects, InProcessReader()),
            room_hub=hub,
            gestures=self.gestures,
            rates=Rates(api.requests_per_minute),
            metrics=Metrics(self.registry),
            now_ns=lambda: int(self.now_s * 1e9),
            secret=lambda: f"{next(counter):032x}",
            origins=frozenset({ORIGIN}),
            seats=Seats(api.viewers_max),
        )
        self.videos = FakeVideos()
        self.parts.video = self.videos
        self.app: FastAPI = create_app(self.parts, {}, folder=folder)

    def principal(self, *roles: str, subject: str = "ann", institution: str = "clinic") -> Principal:
        """Somebody with these roles, signed in now."""
        named = frozenset(Role(role) for role in roles)
        return Principal(
            SubjectId(subject), TenantId(institution), named, self.now_s + 600, f"in-{subject}", self.now_s
        )

    def token(self, *roles: str, subject: str = "ann", institution: str = "clinic") -> str:
        """An access token."""
        principal = self.principal(*roles, subject=subject, institution=institution)
        return issue(principal, KEY, self.parts.settings.api.audience, self.now_s)[0]

    def take(self, *events: object) -> None:
        """Let the world hear events."""
        for number, event in enumerate(events):
            self.world.take(event, f"topic/0/{number}")

    @asynccontextmanager
    async def client(self, *roles: str, **who: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client with a bearer token; without roles a stranger's."""
        headers = {"authorization": f"Bearer {self.token(*roles, **who)}"} if roles else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
            yield client
