"""F9 and F10: an object store that is away, refuses, tears or changes what it is given, and what it gives."""

import time
from contextlib import suppress

from huizhen.cli.ledger_check.topics_io import newest_manifest
from huizhen.schemas.errors import BadInput, Unavailable
from huizhen.schemas.ids import SessionId, TenantId
from huizhen.sinks.chain import check_session
from huizhen.sinks.store_io import S3Store
from tests.faults.checks.figures import Figures, figures_of
from tests.faults.services.line import Line
from tests.faults.services.proxy import CALM, Weather
from tests.faults.services.stage import Stage
from tests.services.waiting import wait_for

SLOW_DOWN = (
    b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: 38\r\nConnection: close\r\n\r\n"
    b"<Error><Code>SlowDown</Code></Error>\r\n"
)
NOTICED_S = 300.0
BACK_S = 300.0
DOWN_S = 300.0
WAITING = "huizhen_archive_waiting"
STORED = 'huizhen_archive_frames_total{outcome="stored"}'
KINDS = {
    "cut": Weather(is_cut=True),
    "503": Weather(answer=SLOW_DOWN),
    "reset": Weather(reset_after_bytes=30_000),
    "frozen": Weather(is_frozen=True),
}
PROMPT = ("cut", "503", "reset")  # a frozen store is noticed when a request has had its 30 s


def away(stage: Stage) -> Figures:
    """F9: the store cannot be reached, answers `SlowDown`, resets uploads in mid-body, or freezes."""
    line, archive = stage.line, stage.line.archive
    exam = line.begin(stage.rng("F9"))
    line.wait(lambda: archive.figure(STORED), NOTICED_S, "something is stored")
    starts, archive.peak_bytes, before_bytes = archive.starts, 0, archive.rss_bytes
    gone_s = 0.0
    for name in KINDS if stage.is_full else PROMPT:
        stage.store_proxy.weather = KINDS[name]
        line.wait(lambda: archive.figure(WAITING), NOTICED_S, f"the archive says that it waits ({name})")
        down_s = time.monotonic()
        if stage.is_full:
            line.wait(lambda down_s=down_s: time.monotonic() > down_s + DOWN_S / 4, DOWN_S, "the outage is over")  # type: ignore[misc] # bound now
        line.flow(exam, 10)
        stage.store_proxy.weather = CALM
        gone_s = max(gone_s, _catches_up(line))
    assert archive.starts == starts, "the archive waits, it does not die"
    assert stage.store_proxy.resets + stage.store_proxy.answered > 0
    grown = max(0, archive.peak_bytes - before_bytes)
    outcome = line.finish(exam)
    return figures_of(outcome.verdict, memory_growth_mib=grown / (1 << 20), backlog_gone_s=gone_s)


def _catches_up(line: Line) -> float:
    """Wait until the archive has stored again and waits no more; gives the seconds."""
    began_s, stored = time.monotonic(), line.archive.figure(STORED)
    line.wait(
        lambda: not line.archive.figure(WAITING) and line.archive.figure(STORED) > stored, BACK_S, "it stores again"
    )
    return time.monotonic() - began_s


def changes_bytes(stage: Stage) -> Figures:
    """F10: one byte of every few uploads, later of downloads, is not what was sent."""
    line, proxy = stage.line, stage.store_proxy
    exam = line.begin(stage.rng("F10"))
    corrupted, wanted = proxy.corrupted, 20 if stage.is_full else 2
    starts = line.archive.starts
    proxy.weather = Weather(corrupt_every=4)
    line.wait(lambda: proxy.corrupted >= corrupted + wanted, BACK_S, "uploads were changed on their way")
    proxy.weather = CALM
    changed_up = proxy.corrupted - corrupted
    outcome = line.finish(exam)
    assert outcome.verdict.rejected == 0, "what the link changed is sent again, not refused"
    found = _reads_back(stage, exam.session)
    assert line.archive.starts == starts, "a changed upload is no reason to die"
    return figures_of(outcome.verdict, changed_uploads=changed_up, changed_downloads_found=found)


def _reads_back(stage: Stage, session: str) -> int:
    """Read a session through a link that changes bytes; gives how many faults are found. A calm link shows none."""
    owner, name = TenantId(stage.line.tenant), SessionId(session)
    newest = newest_manifest(stage.line.settings.kafka, owner, name)
    store = S3Store(stage.s3)
    try:
        stage.store_proxy.weather = Weather(corrupt_every=2, corrupts="down")
        faults: list[str] = []

        def finds() -> bool:
            with suppress(BadInput, Unavailable):  # a listing that is no XML any more is an outage
                faults.extend(check_session(store, owner, name, newest).faults)
            return bool(faults)

        wait_for(finds, BACK_S, "a changed download is found")
        stage.store_proxy.weather = CALM
        assert check_session(store, owner, name, newest).faults == []
    finally:
        store.close()
    return len(faults)
