"""`huizhen demo --once`: one exam of 300 frames with loss, from the probe to S3 and back, and its account."""

import contextlib
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from huizhen.cli import child_io
from huizhen.cli.account import Account, account
from huizhen.cli.demo import STOP_S, capture_arguments, thin_link
from huizhen.cli.deployment import run
from huizhen.cli.deployment_io import Deployment
from huizhen.cli.environment import settings_env
from huizhen.cli.secrets_io import issuer_key
from huizhen.cli.signin_io import sign_in_code
from huizhen.cli.viewer_io import Person
from huizhen.schemas.events import FrameVerdict, LedgerEntry, SealReport
from huizhen.schemas.kafka_io import EventReader, Place
from huizhen.schemas.settings import Settings, kafka_client_config
from huizhen.schemas.topics import Topic, name_of

FRAMES = 300
LIMIT_S = 120.0  # 10 s of exam, the archive's ranges, the seal; on a slow machine several times that
LIVE_S = 30.0  # a session appears within a second or two; a machine under load may take longer
SILENCE_S = 5.0


@dataclass
class Heard:
    """What the topics said of one session."""

    session: str
    verdicts: list[FrameVerdict] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)
    report: SealReport | None = None
    sealed: threading.Event = field(default_factory=threading.Event)

    def take(self, event: Any, place: Place) -> None:
        """Keep what is of this session."""
        if event is None or event.session != self.session:
            return
        match event:
            case FrameVerdict():
                self.verdicts.append(event)
            case LedgerEntry():
                self.entries.append(event)
            case SealReport():
                self.report = event
                self.sealed.set()


def run_once(exam: Path, deployment: Deployment, say: Callable[[str], None]) -> Account:
    """Replay the exam once into a deployment that runs; raises Problem of the parts, subprocess and HTTP errors."""
    session = f"demo-{secrets.token_hex(4)}"
    heard = Heard(session)
    topics = [name_of(Topic.VERDICTS), name_of(Topic.LEDGER)]
    config = kafka_client_config(deployment.settings.kafka)
    reader = EventReader(config, topics, heard.take, from_end=True).start()
    try:
        say(f"replaying {FRAMES} frames as session {session}, 5 % of the detail packets withheld")
        with _station(exam, session, deployment.settings) as station:
            latencies = _watch(deployment, session)
            say("waiting for what came late, and for the seal")
            station.wait(LIMIT_S)
        heard.sealed.wait(LIMIT_S)
        reader.catch_up(LIVE_S)
    finally:
        reader.close()
    say("reading everything back from S3")
    return account(heard.report, heard.verdicts, _read_back(deployment.settings, heard), latencies)


@contextlib.contextmanager
def _station(exam: Path, session: str, settings: Settings) -> "Iterator[subprocess.Popen[bytes]]":
    """Run the station; it ends with this, however this ends."""
    arguments = (*capture_arguments(exam), "--frames", str(FRAMES), "--session", session)
    log = settings.state / "logs" / "capture-once.log"
    station = child_io.spawn(run("capture", *arguments), log, settings_env(thin_link(settings)))
    try:
        yield station
    finally:
        child_io.stop(station, STOP_S)


def _watch(deployment: Deployment, session: str) -> list[float]:
    """Look on as a viewer; give the latency of each live picture in ms, the first second (start-up) left out."""
    settings = deployment.settings
    if settings.api.local_issuer_key is None:
        return []
    code = sign_in_code(issuer_key(settings.state), settings.processor.tenants[0], time.time())
    person = Person(deployment.page, code)
    _wait_until_known(person, session)
    viewer = person.watch(session)
    try:
        seen = [picture for picture in viewer.pictures(SILENCE_S) if picture.header["revision"] == 0]
    finally:
        viewer.close()
    return [picture.latency_ms for picture in seen if picture.header["number"] >= FRAMES // 10]


def _wait_until_known(person: Person, session: str) -> None:
    import httpx

    deadline = time.monotonic() + LIVE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.HTTPStatusError):
            person.get(f"/v1/sessions/{session}")
            return
        time.sleep(0.05)
    raise TimeoutError(f"session {session} did not appear within {LIVE_S:g} s; see the logs of capture and api")


def _read_back(settings: Settings, heard: Heard) -> tuple[int, int]:
    from huizhen.sinks.store_io import S3Store
    from huizhen.sinks.verify import read_back

    store = S3Store(settings.s3)
    try:
        newest = {(entry.source, entry.first, entry.outcome): entry for entry in heard.entries}
        found = read_back(store, newest.values())
    finally:
        store.close()
    return found.stored, found.pixel_mismatches + found.frame_mismatches + found.object_mismatches
