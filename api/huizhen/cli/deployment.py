"""The parts of one deployment, as values: which servers are embedded, which outside, and how each part is started."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from huizhen.cli.allotment import Allotment
from huizhen.cli.environment import PREFIX, settings_env
from huizhen.cli.part import Check, Part
from huizhen.schemas.settings import Settings

STORING_NICE = (
    5  # a picture that is late is lost to the eye, a range that is stored later is not: a third of the weight
)
SERVERS = frozenset({"kafka", "s3"})
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Checks:
    """How each thing is asked whether it serves; the shell gives them."""

    open_kafka: Check
    kafka: Check
    open_s3: Check
    s3: Check
    worker: Mapping[str, Check]


@dataclass(frozen=True, slots=True)
class Embedded:
    """The commands of the servers we start; empty: the server is outside."""

    kafka: tuple[str, ...] = ()
    s3: tuple[str, ...] = ()
    tidy_s3: Check | None = None


def embeds_kafka(settings: Settings) -> bool:
    """Tell whether Kafka is ours to start: nobody named a broker."""
    return "bootstrap" not in settings.kafka.model_fields_set


def embeds_s3(settings: Settings) -> bool:
    """Tell whether S3 is ours to start: nobody named a server."""
    return "endpoint" not in settings.s3.model_fields_set


def health_ports(ports: Allotment) -> dict[str, int]:
    """Give the port of each worker's `/healthz`."""
    return {
        "processors": ports.processors_metrics,
        "archive": ports.archive_metrics,
        "api": ports.api,
        "capture": ports.capture_metrics,
    }


def server_parts(settings: Settings, embedded: Embedded, checks: Checks) -> tuple[Part, ...]:
    """Give Kafka and S3: ours, or somebody else's to be watched."""
    return (
        Part("kafka", embedded.kafka, checks.open_kafka, checks.kafka, address=settings.kafka.bootstrap, vital=True),
        # SeaweedFS would wait 15 s for its own streams; killed, it loses nothing it acknowledged.
        Part(
            "s3",
            embedded.s3,
            checks.open_s3,
            checks.s3,
            address=settings.s3.endpoint,
            grace_s=1.0,
            tidy=embedded.tidy_s3,
            nice=STORING_NICE,
            vital=True,
        ),
    )


def worker_parts(settings: Settings, ports: Allotment, checks: Checks) -> tuple[Part, ...]:
    """Give the parts of our own; each is told all settings by its environment."""
    env = settings_env(settings)

    def worker(name: str, command: str, nice: int = 0) -> Part:
        port = health_ports(ports)[name]
        own = {**env, f"{PREFIX}METRICS_PORT": str(ports.api_metrics if name == "api" else port)}
        check = checks.worker[name]
        address = f"{LOOPBACK}:{port}"
        return Part(name, run(command), check, check, address=address, needs=SERVERS, env=own, nice=nice)

    return worker("processors", "process"), worker("archive", "archive", STORING_NICE), worker("api", "api")


def capture_part(settings: Settings, ports: Allotment, arguments: tuple[str, ...], check: Check) -> Part:
    """Give a capture station that replays an exam; it is held while the disk is low."""
    port = ports.capture_metrics
    env = {**settings_env(settings), f"{PREFIX}METRICS_PORT": str(port)}
    return Part(
        "capture",
        run("capture", *arguments),
        check,
        check,
        address=f"{LOOPBACK}:{port}",
        needs=frozenset({"processors", "archive", "api"}),
        env=env,
        brings_data=True,
    )


def run(*arguments: str) -> tuple[str, ...]:
    """Give the command line of one of our own commands."""
    return sys.executable, "-m", "huizhen.cli", *arguments
