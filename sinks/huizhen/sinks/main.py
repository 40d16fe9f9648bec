"""The archive as a process: `run(settings)` until SIGTERM or SIGINT."""

import signal
import threading
import time
from types import FrameType

import structlog

from huizhen.schemas import logs
from huizhen.schemas.errors import HuizhenError, Unavailable
from huizhen.schemas.health_io import HealthServer
from huizhen.schemas.settings import Settings
from huizhen.sinks.archive_io import ArchiveShell
from huizhen.sinks.log_io import KafkaLog
from huizhen.sinks.spool_io import FolderSpool
from huizhen.sinks.store_io import S3Store
from huizhen.sinks.writer import Writer

log = structlog.get_logger()
RETRY_S = 1.0


def run(settings: Settings) -> int:
    """Run the archive; return the exit code: 0 when told to end, 1 on a bug."""
    logs.configure("archive", settings.log_level)
    stop = threading.Event()
    _end_on_signals(stop)
    shells: list[ArchiveShell] = []
    health = HealthServer(
        settings.metrics_host,
        settings.metrics_port,
        lambda: {"archive": shells[0].health if shells else "waiting for Kafka"},
    )
    log.info("started", metrics_port=health.port)
    try:
        shell = _connect(settings, stop)
        if shell is not None:
            shells.append(shell)
            shell.run()
        log.info("ended")
        return 0
    except HuizhenError:
        log.exception("archive_failed")
        return 1
    finally:
        health.close()


def _connect(settings: Settings, stop: threading.Event) -> ArchiveShell | None:
    """Make the shell as soon as Kafka answers; None where the part was told to end first."""
    spool = FolderSpool(settings.state / "archive" / settings.archive.instance_id, settings.disk_min_free_bytes)
    while not stop.is_set():
        try:
            kafka_log = KafkaLog(settings.kafka, time.time_ns)
            writer = Writer(S3Store(settings.s3), kafka_log, spool, time.time_ns)
            return ArchiveShell(settings, writer, kafka_log, spool, stop)
        except Unavailable as error:
            log.warning("waiting", what=str(error))
            stop.wait(RETRY_S)
    return None


def _end_on_signals(stop: threading.Event) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
