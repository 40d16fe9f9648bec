"""The real API with its feeds on strings: a test says what happens in the exam, and a browser looks at the page.

Kafka and S3 are left out here on purpose: states like a cut link or a filled tile come when the test wants them. The
same page on the whole pipeline is `test_page.py`.

Run by hand: `.venv/bin/python -m tests.e2e.page_server`, then open the link it prints.
"""

import asyncio
import base64
import io
import json
import secrets
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import uvicorn
from fastapi import APIRouter, FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey
from prometheus_client import CollectorRegistry
from pydicom import dcmread

from huizhen.api.app import create_app
from huizhen.api.auth import SIGN_IN_AUDIENCE
from huizhen.api.file_child_io import FileChild
from huizhen.api.files import PatientFiles
from huizhen.api.hub import Hub
from huizhen.api.instance_frames import InstanceFrames
from huizhen.api.keys_io import LocalTokens
from huizhen.api.metrics import Metrics
from huizhen.api.origins import allowed_origins
from huizhen.api.parts import Parts
from huizhen.api.rate import Rates
from huizhen.api.room_hub import RoomHub
from huizhen.api.seats import Seats
from huizhen.api.signin import LocalIssuer
from huizhen.api.video_peer_io import RtcPeer, prepare
from huizhen.api.videos import Videos
from huizhen.api.world import World
from huizhen.schemas.settings import Settings
from tests.e2e.page_blocks import Blocks
from tests.e2e.page_fakes import Gestures, Log, Memory
from tests.e2e.page_puppet import Exam, Puppet
from tests.e2e.page_scenes import TENANT, angiography, camera, ultrasound, widened
from tests.services import patient_files as files

HOSTILE = "<img src=x onerror='document.title=1'><svg onload='document.title=2'> no wall motion abnormality"


def hostile_report() -> bytes:
    """A report of the patient whose words are markup."""
    dataset = dcmread(io.BytesIO(files.report()))
    dataset.ContentSequence[4].ContentSequence[0].TextValue = HOSTILE
    return files.written(dataset)


def sign_in_code(key: ECKey, subject: str, roles: list[str], institution: str = TENANT) -> str:
    """Make a one-use sign-in code, as `huizhen up` does."""
    now_s = int(time.time())
    claims = {
        "aud": SIGN_IN_AUDIENCE, "jti": secrets.token_hex(16), "sub": subject, "institution": institution,
        "roles": roles, "iat": now_s, "exp": now_s + 600,
    }  # fmt: skip
    return jwt.encode({"alg": "ES256"}, claims, key)


def build(key: ECKey, port: int, exams: list[Exam]) -> tuple[Puppet, FastAPI]:
    """Build the API around fakes."""
    settings, world, memory = Settings(), World(), Memory()
    api = settings.api.model_copy(update={"port": port, "requests_per_minute": 100_000})
    world.ready = True
    room_hub = RoomHub(world.rooms)
    world.on_room = room_hub.changed
    parts = Parts(
        settings=settings.model_copy(update={"api": api}), tokens=LocalTokens(key, api.audience),
        issuer=LocalIssuer(key, api.audience, {}), used_codes=memory, ended=memory, world=world, hub=Hub(),
        audit=memory, log=Log(world), objects=memory, rates=Rates(api.requests_per_minute),
        metrics=Metrics(CollectorRegistry()), now_ns=time.time_ns, secret=lambda: secrets.token_hex(16),
        origins=allowed_origins(api, port), seats=Seats(50), frames=InstanceFrames(memory.get),
        files=PatientFiles(memory, FileChild()),
        room_hub=room_hub, gestures=Gestures(room_hub),
    )  # fmt: skip
    addresses = ["127.0.0.1"]
    prepare(addresses)
    parts.video = Videos(parts, lambda queue, server, sent: RtcPeer(queue, sent, server, addresses))
    return Puppet(parts, memory, exams), create_app(parts, {})


def exam_strings(puppet: Puppet, blocks: Blocks) -> APIRouter:
    """Pull at exams."""
    app = APIRouter()

    @app.get("/set")
    def change(session: str, playing: bool = True, filled: bool = False, behind_ms: int = 0) -> None:
        exam = puppet.exams[session]
        exam.playing, exam.filled, exam.behind_ms = playing, filled, behind_ms

    @app.get("/reshape")
    async def reshape(session: str) -> None:
        puppet.reshape(puppet.exams[session])

    @app.get("/derive")
    async def derive(session: str) -> int:
        """Show one frame with filled tiles and archive it apart; gives its number."""
        exam = puppet.exams[session]
        puppet.store(exam)
        exam.filled = True
        puppet.show(exam)
        exam.filled = False
        puppet.store(exam, "derived")
        return exam.number - 1

    @app.get("/reset")
    async def reset() -> None:
        blocks.sockets = blocks.udp = False
        for exam in puppet.exams.values():
            if exam.scene.geometry_id:
                puppet.reshape(exam)
            exam.playing, exam.filled, exam.behind_ms = not exam.sealed, False, 0

    @app.get("/seal")
    async def seal(session: str) -> None:
        puppet.seal(puppet.exams[session])

    @app.get("/truth")
    def truth(session: str, number: int) -> str:
        return puppet.exams[session].truth[number]

    @app.get("/pixels")
    def pixels(session: str, number: int) -> str:
        scene = puppet.exams[session].scenes[number]
        return base64.b64encode(scene.pixels[number % len(scene.pixels)].tobytes()).decode()

    return app


def server_strings(key: ECKey, server: uvicorn.Server, blocks: Blocks) -> APIRouter:
    """Pull at the server, and get sign-in codes."""
    app = APIRouter()

    @app.get("/code")
    def code(subject: str, roles: str, institution: str = TENANT) -> str:
        return sign_in_code(key, subject, roles.split(","), institution)

    @app.get("/block")
    async def block(sockets: bool = False, udp: bool = False) -> None:
        """Block live sockets, or UDP; what was open is cut."""
        blocks.sockets, blocks.udp = sockets, udp
        if sockets:
            await cut()

    @app.get("/file")
    def file(name: str) -> str:
        """Give a file that a hospital elsewhere made, base64."""
        made: dict[str, Callable[[], bytes]] = {
            "ct": files.ct,
            "report": files.report,
            "pdf": files.pdf,
            "hostile": hostile_report,
        }
        content = made[name]() if name in made else files.sample(name)
        return base64.b64encode(content).decode()

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
    blocks = Blocks()
    server = uvicorn.Server(
        uvicorn.Config(blocks.around(app), ws="websockets-sansio", log_level="error", lifespan="off")
    )
    strings = FastAPI(openapi_url=None)
    strings.include_router(exam_strings(puppet, blocks))
    strings.include_router(server_strings(key, server, blocks))
    pull = uvicorn.Server(uvicorn.Config(strings, log_level="error", lifespan="off"))
    puppet.begin()
    code = sign_in_code(key, "dr-li", ["requester", "expert"])
    page = f"http://127.0.0.1:{page_port}/"
    where = {"page": page, "pull": f"http://127.0.0.1:{pull_port}", "link": f"{page}#signin={code}"}
    sys.stdout.write(json.dumps(where) + "\n")
    sys.stdout.flush()
    async with asyncio.TaskGroup() as group:
        playing = [group.create_task(puppet.videos.run())]
        playing += [group.create_task(puppet.play(exam)) for exam in puppet.exams.values()]
        serving = [group.create_task(server.serve([sockets[0]])), group.create_task(pull.serve([sockets[1]]))]
        await asyncio.to_thread(sys.stdin.read)
        server.should_exit = pull.should_exit = True
        server.force_exit = True
        await asyncio.wait(serving, timeout=5)
        for task in playing:
            task.cancel()


if __name__ == "__main__":
    clip, grey = ultrasound(60), angiography(20)
    covered = replace(clip, session="us-3", rate_hz=10.0, mask_teaching=(24, 0, 64, 160))
    sources = [Exam(covered), Exam(camera(10))]
    asyncio.run(serve([Exam(clip), Exam(replace(clip, session="us-2")), Exam(grey, widened(grey)), *sources]))
