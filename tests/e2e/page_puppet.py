"""The real API with its feeds on strings: a test says what happens in the exam, and a browser looks at the page.

Kafka and S3 are left out here on purpose: states like a cut link or a filled tile come when the test wants them. The
same page on the whole pipeline is `test_page.py`.

Run by hand: `.venv/bin/python -m tests.e2e.page_puppet`, then open the address it prints.
"""

import asyncio
import base64
import hashlib
import json
import secrets
import socket
import sys
import time
from dataclasses import dataclass, field, replace

import uvicorn
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey
from prometheus_client import CollectorRegistry

from huizhen.api.app import create_app
from huizhen.api.auth import SIGN_IN_AUDIENCE
from huizhen.api.hub import Hub
from huizhen.api.instance_frames import InstanceFrames
from huizhen.api.keys_io import LocalTokens
from huizhen.api.live_frame import live_frame
from huizhen.api.metrics import Metrics
from huizhen.api.origins import allowed_origins
from huizhen.api.parts import Parts
from huizhen.api.rate import Rates
from huizhen.api.seats import Seats
from huizhen.api.signin import LocalIssuer
from huizhen.api.world import World
from huizhen.schemas.events import AuditEvent, ConsultEvent, FrameVerdict, LedgerEntry, Sealed, SealedSource, SealReport
from huizhen.schemas.ids import Epoch, FrameId, FrameNumber, GeometryId, SessionId, SourceId, StationId, StreamId, TenantId
from huizhen.schemas.reasons import TileState
from huizhen.schemas.record import Clock, FrameHead, FrameMeta, TileOrigin
from huizhen.schemas.settings import Settings
from tests.e2e.page_scenes import TENANT, Scene, angiography, instance, uid_of, ultrasound

TRACE = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
STORED_AT_ONCE = 32
FILLED = {7: TileOrigin(TileState.BASE, 0, 3.2), 8: TileOrigin(TileState.TEMPORAL, 2, 1.4), 13: TileOrigin(TileState.SPATIAL, 0, 11.5)}


class Memory:
    """Objects, used codes and audit events, in memory."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.audited: list[AuditEvent] = []

    async def get(self, key: str, sha256: str) -> bytes:
        """Give an object."""
        return self.objects[key]

    def add(self, jti: str, expires_at_s: float) -> None:
        """Forget a used code: the issuer remembers it."""

    def write(self, event: AuditEvent) -> None:
        """Keep an audit event."""
        self.audited.append(event)


class Log:
    """A log of consultations that is read back at once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._offset = 0

    async def append(self, event: ConsultEvent) -> None:
        """Fold an event in."""
        self._offset += 1
        self._world.take(event, f"consults/0/{self._offset}")


@dataclass(slots=True)
class Exam:
    """One session being played."""

    scene: Scene
    number: int = 0
    stored: int = 0
    playing: bool = True
    sealed: bool = False
    filled: bool = False
    behind_ms: int = 0
    """How old frames are when they are shown"""
    truth: dict[int, str] = field(default_factory=dict)


class Puppet:
    """Plays exams into the API and does what the test says."""

    def __init__(self, parts: Parts, memory: Memory, exams: list[Exam]) -> None:
        self.parts = parts
        self.memory = memory
        self.exams = {exam.scene.session: exam for exam in exams}
        self._offset = 0

    def take(self, event: object) -> None:
        """Tell the API of an event."""
        self._offset += 1
        self.parts.world.take(event, f"test/0/{self._offset}")

    def begin(self) -> None:
        """Announce every exam."""
        for exam in self.exams.values():
            self.take(exam.scene.announced(time.time_ns()))
            self.take(exam.scene.geometry(time.time_ns()))

    async def play(self, exam: Exam) -> None:
        """Show frames at the exam's rate for ever."""
        while True:
            await asyncio.sleep(1 / exam.scene.rate_hz)
            if exam.playing:
                self.show(exam)

    def show(self, exam: Exam) -> None:
        """Show the next frame."""
        scene, number = exam.scene, exam.number
        which = number % len(scene.streams)
        exam.number += 1
        exam.truth[number] = scene.digests[which]
        frame = live_frame(_meta(exam, number, scene.digests[which]), scene.streams[which])
        self.take(_verdict(exam, frame.meta, frame.header.tiles))
        self.parts.hub.publish(frame)
        if exam.number - exam.stored >= STORED_AT_ONCE:
            self.store(exam)

    def store(self, exam: Exam) -> None:
        """Archive what was shown since the last time."""
        first, frames = exam.stored, exam.number - exam.stored
        if frames <= 0:
            return
        exam.stored = exam.number
        key = f"{TENANT}/{exam.scene.session}/{exam.scene.source}/exact/{first}"
        content = self.memory.objects[key] = instance(exam.scene, first, frames)
        uid = uid_of(exam.scene, first)
        self.take(
            LedgerEntry(
                TENANT, exam.scene.session, exam.scene.source, first, first + frames - 1, "stored", time.time_ns(),
                sop_instance_uid=uid, series_instance_uid="2.25.1", object_key=key,
                object_sha256=hashlib.sha256(content).hexdigest(),
            )  # fmt: skip
        )

    def seal(self, exam: Exam) -> None:
        """End an exam."""
        exam.playing, exam.sealed = False, True
        self.store(exam)
        scene, now_ns = exam.scene, time.time_ns()
        self.take(Sealed(TENANT, scene.session, 1, now_ns, [SealedSource(scene.source, exam.number, "0" * 64)]))
        self.take(SealReport(TENANT, scene.session, now_ns, "producer", exam.number, exam.number, 0, 0, 0))


def _meta(exam: Exam, number: int, digest: str) -> FrameMeta:
    scene, now_ns = exam.scene, time.time_ns()
    stream = StreamId(TenantId(TENANT), SessionId(scene.session), SourceId(scene.source))
    clock = Clock(now_ns - exam.behind_ms * 1_000_000, time.monotonic_ns())
    head = FrameHead(
        FrameId(stream, FrameNumber(number)), StationId("station-1"), Epoch(1), GeometryId(0), clock,
        key=number % 30 == 0, frame_digest="0" * 64, pixel_digest=digest, traceparent=TRACE,
    )  # fmt: skip
    origins = tuple(FILLED.get(tile, TileOrigin(TileState.TRUE)) for tile in range(20)) if exam.filled else ()
    return FrameMeta(head, 0, not exam.filled, now_ns, origins)


def _verdict(exam: Exam, meta: FrameMeta, tiles: int) -> FrameVerdict:
    clock = meta.head.clock
    return FrameVerdict(
        TENANT, exam.scene.session, exam.scene.source, int(meta.head.frame.number), 0, 1,
        "repaired" if exam.filled else "pass", meta.exact, meta.head.key, clock.captured_at_ns,
        clock.captured_at_cloud_ns, meta.closed_at_ns, tiles, 0, len(FILLED) if exam.filled else 0, 0.0, 90_000,
    )  # fmt: skip


def sign_in_code(key: ECKey, subject: str, roles: list[str]) -> str:
    """Make a one-use sign-in code, as `huizhen up` does."""
    now_s = int(time.time())
    claims = {
        "aud": SIGN_IN_AUDIENCE, "jti": secrets.token_hex(16), "sub": subject, "institution": TENANT, "roles": roles,
        "iat": now_s, "exp": now_s + 600,
    }  # fmt: skip
    return jwt.encode({"alg": "ES256"}, claims, key)


def build(key: ECKey, port: int, exams: list[Exam]) -> tuple[Puppet, FastAPI]:
    """Build the API around fakes."""
    settings, world, memory = Settings(), World(), Memory()
    api = settings.api.model_copy(update={"port": port, "requests_per_minute": 100_000})
    world.ready = True
    parts = Parts(
        settings=settings.model_copy(update={"api": api}), tokens=LocalTokens(key, api.audience),
        issuer=LocalIssuer(key, api.audience, {}), used_codes=memory, world=world, hub=Hub(), audit=memory,
        log=Log(world), objects=memory, rates=Rates(api.requests_per_minute), metrics=Metrics(CollectorRegistry()),
        now_ns=time.time_ns, secret=lambda: secrets.token_hex(16), origins=allowed_origins(api, port),
        seats=Seats(50), frames=InstanceFrames(memory.get),
    )  # fmt: skip
    return Puppet(parts, memory, exams), create_app(parts, {})


def strings(puppet: Puppet, key: ECKey, server: uvicorn.Server) -> FastAPI:
    """Give the second app, on a port of its own, by which the test pulls."""
    app = FastAPI(openapi_url=None)

    @app.get("/code")
    def code(subject: str, roles: str) -> str:
        return sign_in_code(key, subject, roles.split(","))

    @app.get("/set")
    def change(session: str, playing: bool | None = None, filled: bool | None = None, behind_ms: int | None = None) -> None:
        wanted = {"playing": playing, "filled": filled, "behind_ms": behind_ms}
        exam = puppet.exams[session]
        for name, value in wanted.items():
            if value is not None:
                setattr(exam, name, value)

    @app.get("/reset")
    def reset() -> None:
        for exam in puppet.exams.values():
            exam.playing, exam.filled, exam.behind_ms = not exam.sealed, False, 0

    @app.get("/seal")
    async def seal(session: str) -> None:
        puppet.seal(puppet.exams[session])

    @app.get("/truth")
    def truth(session: str, number: int) -> str:
        return puppet.exams[session].truth[number]

    @app.get("/pixels")
    def pixels(session: str, number: int) -> str:
        scene = puppet.exams[session].scene
        return base64.b64encode(scene.pixels[number % len(scene.pixels)].tobytes()).decode()

    @app.get("/cut")
    async def cut() -> None:
        """Cut every connection without a word."""
        for connection in list(server.server_state.connections):
            connection.transport.abort()

    @app.get("/hang")
    async def hang(seconds: float) -> None:
        """Stop the whole server, as a dead network would."""
        time.sleep(seconds)  # noqa: ASYNC251 - everything must stand still

    return app


async def serve(exams: list[Exam]) -> None:
    """Serve until standard input ends; the first line on standard output says where."""
    key = ECKey.generate_key("P-256", private=True)
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    page_port, pull_port = (int(each.getsockname()[1]) for each in sockets)
    puppet, app = build(key, page_port, exams)
    server = uvicorn.Server(uvicorn.Config(app, ws="websockets-sansio", log_level="error", ws_per_message_deflate=False))
    pull = uvicorn.Server(uvicorn.Config(strings(puppet, key, server), log_level="error"))
    puppet.begin()
    code = sign_in_code(key, "dr-li", ["requester", "expert"])
    page = f"http://127.0.0.1:{page_port}/"
    print(json.dumps({"page": page, "pull": f"http://127.0.0.1:{pull_port}", "link": f"{page}#signin={code}"}), flush=True)  # noqa: T201
    async with asyncio.TaskGroup() as group:
        playing = [group.create_task(puppet.play(exam)) for exam in puppet.exams.values()]
        serving = [group.create_task(server.serve([sockets[0]])), group.create_task(pull.serve([sockets[1]]))]
        await asyncio.to_thread(sys.stdin.read)
        server.should_exit = pull.should_exit = True
        server.force_exit = True
        await asyncio.wait(serving, timeout=5)
        for task in playing:
            task.cancel()


if __name__ == "__main__":
    clip = ultrasound(60)
    asyncio.run(serve([Exam(clip), Exam(replace(clip, session="us-2")), Exam(angiography(20))]))
