"""Look at the machine: is everything there that `huizhen up` and the tests need?"""

import importlib.util
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import urllib3

from huizhen.cli import java_io, kafka_io, runstate_io, seaweed_io
from huizhen.cli.allotment import API_USUAL, KAFKA_USUAL, S3_USUAL
from huizhen.cli.deployment import embeds_kafka, embeds_s3
from huizhen.cli.disk_io import free_bytes
from huizhen.cli.finding import Finding, Level, at_least, clock, ok
from huizhen.cli.jars_io import MAVEN_WAY_OUT, jars_folder
from huizhen.cli.ports_io import holder, is_free
from huizhen.cli.problem import Problem
from huizhen.cli.running_io import state_folder
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.settings import Settings

NODE_AT_LEAST = (20, 19)  # api/web/package.json, "engines"
CLOCK_LIMIT_S = 5.0  # S3 signatures allow 15 minutes, tokens 30 s; a frame's age is shown to 0.1 s
ANSWER_S = 3.0
LOCK_WAY_OUT = "turn versioning and object lock on, or name a new bucket to be made with it, or s3.retention = none"
PARTS = ("schemas", "producers", "processors", "sinks", "api", "cli")


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; never raises for what it finds."""
    looks: list[Callable[[Settings], Iterator[Finding]]] = [
        _parts, _java, _maven, _weed, _page, _chromium, _disk, _ports, _kafka, _s3, _clock
    ]  # fmt: skip
    return [finding for look in looks for finding in look(settings)]


def _parts(settings: Settings) -> Iterator[Finding]:
    missing = [part for part in PARTS if importlib.util.find_spec(f"huizhen.{part}") is None]
    if missing:
        yield Finding("parts", Level.WRONG, f"not installed: {', '.join(missing)}", "install huizhen again")
    else:
        yield ok("parts", "all installed")


def _java(settings: Settings) -> Iterator[Finding]:
    if not embeds_kafka(settings):
        return
    try:
        java = java_io.find_java()
        yield ok("java", f"{java_io.version_of(java)} ({java})")
    except Problem as problem:
        yield Finding("java", Level.WRONG, problem.thing, problem.way_out)


def _maven(settings: Settings) -> Iterator[Finding]:
    if not embeds_kafka(settings):
        return
    folder, maven = jars_folder(settings.up.cache.expanduser()), shutil.which("mvn")
    if folder.is_dir():
        yield ok("kafka jars", str(folder))
    elif maven is None:
        yield Finding("maven", Level.WRONG, "missing, and Kafka's jars are not fetched yet", MAVEN_WAY_OUT)
    else:
        yield ok("maven", f"{maven}; Kafka's jars are fetched at the first start")


def _weed(settings: Settings) -> Iterator[Finding]:
    if not embeds_s3(settings):
        return
    try:
        yield ok("seaweedfs", f"{seaweed_io.weed_version()} ({seaweed_io.find_weed()})")
    except Problem as problem:
        yield Finding("seaweedfs", Level.WRONG, problem.thing, problem.way_out)


def _page(settings: Settings) -> Iterator[Finding]:
    spec = importlib.util.find_spec("huizhen.api")
    if spec is not None and spec.origin and (Path(spec.origin).parent / "page" / "index.html").is_file():
        yield ok("page", "built")
        return
    node = _version(["node", "--version"])
    if not at_least(node, NODE_AT_LEAST):
        wanted = ".".join(map(str, NODE_AT_LEAST))
        says = f"not built, and Node {node or 'is missing'}" if not node else f"not built, and Node {node} is too old"
        yield Finding("page", Level.WRONG, says, f"install Node {wanted} or later and npm, then: make setup")
    else:
        yield Finding("page", Level.WRONG, "not built", "make setup")


def _chromium(settings: Settings) -> Iterator[Finding]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found:
        yield ok("chromium", found)
    else:
        yield Finding("chromium", Level.ADVICE, "missing: only tests need it", "Debian: apt-get install chromium")


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = state_folder(settings)
    free, limit = free_bytes(folder), settings.disk_min_free_bytes
    says = f"{free / 1e9:.1f} GB free for {folder}, limit {limit / 1e9:.1f} GB"
    if free < limit:
        yield Finding("disk", Level.WRONG, says, "free some, or choose another folder with --state")
    else:
        yield ok("disk", says)


def _ports(settings: Settings) -> Iterator[Finding]:
    if runstate_io.is_held(state_folder(settings)):
        return
    usual = {
        "page": settings.api.port or API_USUAL,
        "kafka": settings.up.kafka_port or KAFKA_USUAL,
        "s3": settings.up.s3_port or S3_USUAL,
    }
    ours = {"page": True, "kafka": embeds_kafka(settings), "s3": embeds_s3(settings)}
    busy = [f"{port} ({what}) by {holder(port)}" for what, port in usual.items() if ours[what] and not is_free(port)]
    if busy:
        yield Finding("ports", Level.ADVICE, f"taken: {', '.join(busy)}", "`up` takes free ones unless you name them")
    else:
        yield ok("ports", f"{', '.join(str(port) for what, port in usual.items() if ours[what])} are free")


def _kafka(settings: Settings) -> Iterator[Finding]:
    if embeds_kafka(settings):
        return  # not running: `doctor` takes over the address of a running one before
    try:
        kafka_io.check_kafka(settings.kafka, ANSWER_S)
        yield ok("kafka", f"{settings.kafka.bootstrap} answers")
    except Unavailable as error:
        yield Finding("kafka", Level.WRONG, error.thing, "check the address, security_protocol and the network")


def _s3(settings: Settings) -> Iterator[Finding]:
    if embeds_s3(settings):
        return
    try:
        seaweed_io.check_s3(settings.s3, ANSWER_S)
        yield ok("s3", f"{settings.s3.endpoint} gives bucket {settings.s3.bucket} to our keys")
        if not seaweed_io.can_lock(settings.s3, ANSWER_S):
            yield Finding("s3 lock", Level.WRONG, f"bucket {settings.s3.bucket} has no object lock", LOCK_WAY_OUT)
    except Unavailable as error:
        yield Finding("s3", Level.WRONG, error.thing, "check the address, the keys and the bucket")


def _clock(settings: Settings) -> Iterator[Finding]:
    if not embeds_s3(settings):
        scheme = "https" if settings.s3.secure else "http"
        try:
            authorities = str(settings.s3.ca_location) if settings.s3.ca_location else None
            with urllib3.PoolManager(timeout=ANSWER_S, retries=False, ca_certs=authorities) as pool:
                answer = pool.request("HEAD", f"{scheme}://{settings.s3.endpoint}/")
            there_s = parsedate_to_datetime(answer.headers["date"]).timestamp()
            yield clock(time.time() - there_s, CLOCK_LIMIT_S, "the S3 server")
            return
        except (urllib3.exceptions.HTTPError, KeyError, ValueError):
            pass
    synchronised = _version(["timedatectl", "show", "--property=NTPSynchronized", "--value"])
    if synchronised == "yes":
        yield ok("clock", "synchronised")
    else:
        says = "not synchronised" if synchronised == "no" else "cannot be checked here"
        yield Finding("clock", Level.ADVICE, says, "run systemd-timesyncd or chrony: a frame's age is shown by clocks")


def _version(command: list[str]) -> str:
    """Give what a short command prints, or an empty text when it is missing or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10.0, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
