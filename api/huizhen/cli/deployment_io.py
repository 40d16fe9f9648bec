"""Turn settings into a deployment on this machine: find programs, choose ports, make secrets, prepare servers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import urllib3
from pydantic import BaseModel

from huizhen.cli import kafka_io, kafka_server, seaweed_io, seaweed_server, secrets_io
from huizhen.cli.allotment import Allotment, Machine, allot
from huizhen.cli.deployment import (
    LOOPBACK,
    Checks,
    Embedded,
    embeds_kafka,
    embeds_s3,
    health_ports,
    server_parts,
    worker_parts,
)
from huizhen.cli.disk_io import free_bytes
from huizhen.cli.jars_io import fetch_jars, jars_folder
from huizhen.cli.java_io import find_java
from huizhen.cli.kafka_server import KafkaServer
from huizhen.cli.part import Check, Part
from huizhen.cli.ports_io import Claims, draw, holder
from huizhen.cli.problem import Problem
from huizhen.cli.seaweed_server import SeaweedServer
from huizhen.cli.topics_io import ensure_topics
from huizhen.schemas.bundled import bundled
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.settings import Settings

Group = TypeVar("Group", bound=BaseModel)
ANSWER_S = 2.0  # a health check that takes longer counts as failed
OPEN_S = 5.0  # creating some twenty topics takes under a second
S3_MIN_FREE = 2  # S3 turns read-only at this fraction of the disk limit, after capture was held


@dataclass(frozen=True, slots=True)
class Deployment:
    """Everything that `up` runs."""

    settings: Settings
    """As the parts see them: real addresses, keys and folders"""
    ports: Allotment
    parts: tuple[Part, ...]
    checks: Checks

    @property
    def page(self) -> str:
        """The address people open."""
        return self.settings.api.public_url or f"http://{LOOPBACK}:{self.settings.api.port}"


def deploy(settings: Settings, say: Callable[[str], None], claims: Claims) -> Deployment:
    """Prepare everything up to the point where processes start; raises Problem with one line.

    `claims` hold the chosen ports until the caller closes them.
    """
    folder = settings.state.expanduser().absolute()
    _guard_disk(folder, settings.disk_min_free_bytes)
    ours_kafka, ours_s3 = embeds_kafka(settings), embeds_s3(settings)
    java, jars = _kafka_programs(settings.up.cache.expanduser(), say) if ours_kafka else (Path(), Path())
    ports = allot(settings, ours_kafka, ours_s3, Machine(claims.take, draw, holder))
    settings = _located(settings, folder, ports)
    embedded, cluster = Embedded(), ""
    if ours_kafka:
        kafka = _kafka(settings, ports, java, jars)
        cluster = kafka_io.prepare(kafka)
        embedded = replace(embedded, kafka=tuple(kafka_server.start_command(kafka)))
    if ours_s3:
        seaweed = _seaweed(settings, ports)
        seaweed_io.prepare(seaweed, settings.s3)
        command, tidy = tuple(seaweed_server.start_command(seaweed)), partial(seaweed_io.clean, seaweed)
        embedded = replace(embedded, s3=command, tidy_s3=tidy)
    checks = _checks(settings, ports, cluster, (ours_kafka, ours_s3))
    parts = (*server_parts(settings, embedded, checks), *worker_parts(settings, ports, checks))
    return Deployment(settings, ports, parts, checks)


def _kafka(settings: Settings, ports: Allotment, java: Path, jars: Path) -> KafkaServer:
    log4j, heap_mib = bundled("kafka/log4j2.properties"), settings.up.kafka_heap_mib
    return KafkaServer(java, jars, log4j, settings.state / "kafka", ports.kafka, ports.kafka_controller, heap_mib)


def _seaweed(settings: Settings, ports: Allotment) -> SeaweedServer:
    own = (ports.s3, ports.s3_master, ports.s3_volume, ports.s3_filer)
    least = settings.disk_min_free_bytes // S3_MIN_FREE
    return SeaweedServer(seaweed_io.find_weed(), settings.state / "s3", *own, least)


def _guard_disk(folder: Path, limit: int) -> None:
    free = free_bytes(folder)
    if free < limit:
        raise Problem(
            f"only {free / 1e9:.1f} GB free on the disk of {folder}, at least {limit / 1e9:.1f} GB are needed",
            way_out="free some, or choose another folder with --state, or lower disk_min_free_bytes",
        )


def _kafka_programs(cache: Path, say: Callable[[str], None]) -> tuple[Path, Path]:
    java = find_java()
    if not jars_folder(cache).is_dir():
        say(f"fetching Kafka's jars to {cache} (43 MB, once)")
    return java, fetch_jars(cache)


def _located(settings: Settings, folder: Path, ports: Allotment) -> Settings:
    """Fill in what only this machine knows."""
    kafka, s3, api = settings.kafka, settings.s3, settings.api
    if embeds_kafka(settings):
        kafka = changed(kafka, bootstrap=f"{LOOPBACK}:{ports.kafka}")
    if embeds_s3(settings):
        s3 = secrets_io.with_keys(changed(s3, endpoint=f"{LOOPBACK}:{ports.s3}", secure=False), folder)
    elif not s3.access_key.get_secret_value() or not s3.secret_key.get_secret_value():
        raise Problem(
            f"the keys of S3 at {s3.endpoint} are missing",
            way_out="set HUIZHEN_S3__ACCESS_KEY and HUIZHEN_S3__SECRET_KEY",
        )
    api = changed(api, port=ports.api)
    if not api.issuer and api.local_issuer_key is None:
        api = changed(api, local_issuer_key=secrets_io.issuer_key(folder))
    return changed(settings, state=folder, kafka=kafka, s3=s3, api=api)


def changed(group: Group, **fields: object) -> Group:
    """Give a copy with some fields changed."""
    return group.model_copy(update=fields)


def _checks(settings: Settings, ports: Allotment, cluster: str, ours: tuple[bool, bool]) -> Checks:
    """Make the checks; `ours`: whether Kafka and S3 are embedded, and so ours to change."""
    kafka, s3, tenants = settings.kafka, settings.s3, settings.processor.tenants

    def open_kafka() -> None:
        kafka_io.check_kafka(kafka, ANSWER_S, cluster)  # before topics are made: it may be somebody else's
        ensure_topics(kafka, tenants, OPEN_S, alter=ours[0])

    return Checks(
        open_kafka=open_kafka,
        kafka=lambda: kafka_io.check_kafka(kafka, ANSWER_S, cluster),
        open_s3=lambda: seaweed_io.make_bucket(s3, ANSWER_S, is_ours=ours[1]),
        s3=lambda: seaweed_io.check_s3(s3, ANSWER_S),
        worker={name: health_check(port) for name, port in health_ports(ports).items()},
    )


def health_check(port: int) -> Check:
    """Give a check that asks a part's `/healthz`."""
    pool = urllib3.PoolManager(retries=False, timeout=ANSWER_S, maxsize=1)

    def check() -> None:
        try:
            answer = pool.request("GET", f"http://{LOOPBACK}:{port}/healthz")
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"/healthz ({type(error).__name__})") from None
        if answer.status != 200:
            raise Unavailable(f"/healthz says {answer.status} {answer.data[:200].decode('utf-8', 'replace').strip()}")

    return check
