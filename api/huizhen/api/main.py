"""Run the api: one process with its readers of Kafka, its REST and sockets, and the page."""

import asyncio
import secrets
import socket
import time
from dataclasses import dataclass
from types import FrameType
from typing import Any

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from joserfc.jwk import ECKey
from prometheus_client import REGISTRY

from huizhen.api.app import create_app
from huizhen.api.audit_io import NEVER, KafkaAudit
from huizhen.api.checks_io import readiness_checks
from huizhen.api.consults_io import KafkaConsultLog
from huizhen.api.events_io import EventFeed
from huizhen.api.file_child_io import FileChild
from huizhen.api.files import PatientFiles
from huizhen.api.gestures_io import KafkaGestures
from huizhen.api.hub import Hub
from huizhen.api.id_file_io import IdFile
from huizhen.api.instance_frames import InstanceFrames
from huizhen.api.keys_io import LocalTokens, NoSecret, OidcTokens, load_local_key
from huizhen.api.live_io import FrameFeed
from huizhen.api.live_messages import MESSAGE_MAX_BYTES
from huizhen.api.metrics import Metrics
from huizhen.api.objects_io import S3Objects
from huizhen.api.origins import allowed_origins
from huizhen.api.parts import Parts
from huizhen.api.presence import Presence
from huizhen.api.pulse import Pulse
from huizhen.api.rate import Rates
from huizhen.api.room_hub import RoomHub
from huizhen.api.seats import Seats
from huizhen.api.signin import LocalIssuer
from huizhen.api.videos import Videos
from huizhen.api.world import World
from huizhen.schemas.garbage import collect_rarely
from huizhen.schemas.health_io import HealthServer
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.logs import configure
from huizhen.schemas.settings import Settings, kafka_client_config

CANNOT_START = 2
STOP_S = 3  # open requests may finish this long; then they are cut
BACKLOG = 512
CONNECTIONS_MAX = 900  # below the usual 1,024 files of a process; viewers, streams and idle connections together
FAILED = 1
SECRET_BYTES = 16
log = structlog.get_logger()


class Server(uvicorn.Server):
    """uvicorn that leaves with a return code; as it is, it would raise the signal again once it stopped."""

    def __init__(self, config: uvicorn.Config, world: World) -> None:
        super().__init__(config)
        self._world = world

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop serving."""
        self._world.ending = True
        self.should_exit = True


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; return 0, or 2 where it cannot start (one log line says why)."""
    configure("api", settings.log_level)
    try:
        key = local_key(settings)
        listening = socket.create_server((settings.api.host, settings.api.port), backlog=BACKLOG)
    except NoSecret as error:
        log.error("api_not_started", error=str(error))
        return CANNOT_START
    except OSError as error:
        log.error("api_not_started", error=f"port {settings.api.port} cannot be opened: {error.strerror} (api.port)")
        return CANNOT_START
    collect_rarely()
    with listening, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(settings, key, listening))


def local_key(settings: Settings) -> ECKey | None:
    """Give the local issuer's key, or None where an outside issuer is set; raises NoSecret where neither is."""
    if settings.api.issuer:
        return None
    if settings.api.local_issuer_key is None:
        raise NoSecret("nobody could sign in: set api.issuer (an OIDC issuer), or api.local_issuer_key (a key file)")
    return load_local_key(settings.api.local_issuer_key)


async def _serve(settings: Settings, key: ECKey | None, listening: socket.socket) -> int:
    asyncio.get_running_loop().set_exception_handler(_unseen)
    metrics, pulse = Metrics(REGISTRY), Pulse(time.monotonic)
    publisher = Publisher(kafka_client_config(settings.kafka), overrides=NEVER)
    objects = S3Objects(settings.s3)
    parts = _parts(settings, key, Outside(publisher, objects, metrics), int(listening.getsockname()[1]))
    videos = parts.video = video(parts)
    app = create_app(parts, readiness_checks(settings, objects, parts.world))
    feeds = (
        EventFeed(settings, parts.world, metrics).run,
        FrameFeed(settings.kafka, parts.hub.publish, metrics).run,
        pulse.run,
        *([videos.run] if videos else []),
    )
    health = HealthServer(settings.metrics_host, settings.metrics_port, pulse.check)
    try:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(feed()) for feed in feeds]
            await Server(_config(app), parts.world).serve([listening])
            for one in running:
                one.cancel()
    except ExceptionGroup as errors:  # outermost: a bug ends the process, and a supervisor starts it again
        log.error("api_failed", exc_info=errors)
        return FAILED
    finally:
        health.close()
        await asyncio.to_thread(publisher.close, 1.0)
    log.info("api_stopped")
    return 0


def _unseen(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what a library's task raised: WebRTC connections that are cut in mid-sentence do."""
    error = context.get("exception")
    log.warning("task_failed", what=context["message"], error=type(error).__name__ if error else "")


def video(parts: Parts) -> Videos | None:
    """Make the video door; None, and nothing of WebRTC loaded, where the site offers none."""
    settings = parts.settings.video
    if not settings.is_offered:
        return None
    from huizhen.api.video_peer_io import RtcPeer, prepare  # WebRTC takes a second and 40 MB to load

    prepare(settings.addresses)
    return Videos(parts, lambda queue, server, sent: RtcPeer(queue, sent, server, settings.addresses))


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=MESSAGE_MAX_BYTES,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        log_level="critical",
        limit_concurrency=CONNECTIONS_MAX,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_S,
    )


@dataclass(frozen=True, slots=True)
class Outside:
    """The servers and the registry that the parts stand on."""

    publisher: Publisher
    objects: S3Objects
    metrics: Metrics


def _parts(settings: Settings, key: ECKey | None, outside: Outside, port: int) -> Parts:
    api, world = settings.api, World()
    used = IdFile(settings.state / "api" / "used-sign-in-codes")
    ended = IdFile(settings.state / "api" / "ended-sign-ins")
    consults = KafkaConsultLog(outside.publisher)
    world.on_consult = consults.on_consult
    room_hub = RoomHub(world.rooms)
    world.on_room = room_hub.changed
    world.on_gesture = lambda gesture: room_hub.heard(gesture, time.monotonic())
    return Parts(
        settings=settings,
        tokens=LocalTokens(key, api.audience) if key else OidcTokens(api.issuer, api.audience),
        issuer=LocalIssuer(key, api.audience, used.load(time.time())) if key else None,
        used_codes=used,
        ended=ended,
        presence=Presence(ended.load(time.time())),
        world=world,
        hub=Hub(),
        audit=KafkaAudit(outside.publisher, outside.metrics),
        log=consults,
        objects=outside.objects,
        frames=InstanceFrames(outside.objects.get),
        files=PatientFiles(outside.objects, FileChild()),
        room_hub=room_hub,
        gestures=KafkaGestures(outside.publisher, lambda gesture: room_hub.gesture(gesture, time.monotonic())),
        rates=Rates(api.requests_per_minute),
        metrics=outside.metrics,
        now_ns=time.time_ns,
        secret=lambda: secrets.token_hex(SECRET_BYTES),
        origins=allowed_origins(api, port),
        seats=Seats(api.viewers_max),
    )
