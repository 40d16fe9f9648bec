"""Which loopback port each part of one `up` gets.

A port that somebody configured is taken as it is, or refused in one line when it is busy. A port that nobody configured
is the usual one, or a free one when the usual one is busy.
"""

from collections.abc import Callable
from dataclasses import dataclass

from huizhen.cli.ports import GRPC_OFFSET, choose, prefer
from huizhen.cli.problem import Problem
from huizhen.schemas.settings import Settings

KAFKA_USUAL, S3_USUAL, API_USUAL = 9092, 8333, 8080


@dataclass(frozen=True, slots=True)
class Machine:
    """What is asked of the machine about ports."""

    is_free: Callable[[int], bool]
    draw: Callable[[int, int], int]
    holder: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Allotment:
    """The ports of one `up`."""

    kafka: int
    kafka_controller: int
    s3: int
    s3_master: int
    s3_volume: int
    s3_filer: int
    api: int
    processors_metrics: int
    archive_metrics: int
    api_metrics: int
    capture_metrics: int


def allot(settings: Settings, embed_kafka: bool, embed_s3: bool, machine: Machine) -> Allotment:
    """Choose all ports; raises Problem when a configured one is busy."""
    taken: set[int] = set()

    def one(configured: int, usual: int, flag: str, with_grpc: bool = False) -> int:
        if configured:
            for port in (configured, configured + GRPC_OFFSET) if with_grpc else (configured,):
                _refuse_busy(port, flag, machine)
        port = configured or prefer(usual, machine.is_free, machine.draw, frozenset(taken))
        taken.update((port, port + GRPC_OFFSET) if with_grpc else (port,))
        return port

    api_port = settings.api.port if "port" in settings.api.model_fields_set else 0
    api = one(api_port, API_USUAL, "--port")
    kafka = one(settings.up.kafka_port, KAFKA_USUAL, "--kafka-port") if embed_kafka else 0
    s3 = one(settings.up.s3_port, S3_USUAL, "--s3-port", with_grpc=True) if embed_s3 else 0
    free = iter(choose(8, machine.is_free, machine.draw, frozenset(taken)))
    return Allotment(
        kafka=kafka,
        kafka_controller=next(free),
        s3=s3,
        s3_master=next(free),
        s3_volume=next(free),
        s3_filer=next(free),
        api=api,
        processors_metrics=next(free),
        archive_metrics=next(free),
        api_metrics=next(free),
        capture_metrics=next(free),
    )


def _refuse_busy(port: int, flag: str, machine: Machine) -> None:
    if not machine.is_free(port):
        raise Problem(
            f"port {port} is taken by {machine.holder(port)}",
            way_out=f"stop it, or choose another port with {flag}, or leave {flag} out to get a free one",
        )
