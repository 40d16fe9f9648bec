"""What the archive counts; docs/topics/metrics.md lists each of them."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from huizhen.schemas.events import Command, LedgerEntry, SealReport
from huizhen.schemas.reasons import Outcome, Withheld

FRAMES = Counter("huizhen_archive_frames_total", "Frames whose outcome was written to the ledger", ["outcome"])
INSTANCES = Counter("huizhen_archive_instances_total", "DICOM instances written", ["kind"])
STORED_BYTES = Counter("huizhen_archive_stored_bytes_total", "Bytes of new objects in S3")
STORE = Histogram(
    "huizhen_archive_store_seconds",
    "Time to build, upload and ledger one instance, waiting for S3 left out",
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
REFUSED = Counter("huizhen_archive_refused_total", "Records the archive put on rejected", ["reason"])
EVENTS_REFUSED = Counter(
    "huizhen_archive_events_refused_total", "Events that cannot be read or are forged, by topic", ["topic"]
)
REFUSED_ATTRIBUTES = Counter("huizhen_archive_refused_attributes_total", "DICOM attributes left out as unusable")
WITHHELD = Counter(
    "huizhen_archive_withheld_total", "Sessions whose station was not told to wipe its journal", ["reason"]
)
RESEND = Counter("huizhen_archive_resend_frames_total", "Frames asked of a station again")
HELD_FRAMES = Gauge("huizhen_archive_held_frames", "Frames that wait on this machine to be stored")
HELD_BYTES = Gauge("huizhen_archive_held_bytes", "Bytes that wait on this machine to be stored")
SESSIONS = Gauge("huizhen_archive_open_sessions", "Sessions whose ledger is not closed")
LAG = Gauge("huizhen_archive_lag_seconds", "Age of the frame record read last")
WAITING = Gauge("huizhen_archive_waiting", "1 while the archive waits for S3, Kafka or disk, declared")


for _outcome in Outcome:  # each series begins at 0, so that its first increase is seen
    FRAMES.labels(_outcome)
for _topic in ("sessions", "ledger", "verdicts", "rejected"):
    EVENTS_REFUSED.labels(_topic)
for _why in Withheld:
    WITHHELD.labels(_why)


def count(entries: Iterable[LedgerEntry]) -> None:
    """Count the frames of ledger entries."""
    for entry in entries:
        FRAMES.labels(entry.outcome).inc(entry.last - entry.first + 1)


def sealed(report: SealReport) -> None:
    """Count a session whose station keeps its journal."""
    if report.withheld:
        WITHHELD.labels(report.withheld).inc()


def command(sent: Command) -> None:
    """Count the frames a command asks for."""
    if sent.kind == "resend":
        RESEND.inc(sent.last - sent.first + 1)
