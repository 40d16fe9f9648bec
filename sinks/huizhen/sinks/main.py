"""The archive as a process: `run(settings)` until SIGTERM or SIGINT."""

import logging
import signal
import threading
import time
import traceback
import warnings
from pathlib import Path
from types import FrameType

import structlog

from huizhen.schemas import logs
from huizhen.schemas.errors import Stuck, Unavailable
from huizhen.schemas.garbage import collect_rarely
from huizhen.schemas.health_io import HealthServer
from huizhen.schemas.settings import Settings
from huizhen.schemas.threads_io import EXIT_STUCK
from huizhen.sinks.archive_io import ArchiveShell
from huizhen.sinks.log_io import KafkaLog
from huizhen.sinks.manifest import lock_for
from huizhen.sinks.spool_io import FolderSpool
from huizhen.sinks.store import NoKeys, NoLock
from huizhen.sinks.store_io import S3Store
from huizhen.sinks.watch_io import Watch, ends_of
from huizhen.sinks.writer import Writer

log = structlog.get_logger()
RETRY_S = 1.0
CANNOT_START = 2


def run(settings: Settings) -> int:
    """Run the archive; return the exit code: 0 when told to end, 1 on a bug, 2 where a setting is missing.

    The watchdog ends the process with EXIT_STUCK by itself.
    """
    logs.configure("archive", settings.log_level)
    warnings.filterwarnings("ignore", module="pydicom")  # they quote values, which may be a patient's
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    collect_rarely()
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
        _check_lock(settings)
        shell = _connect(settings, stop)
        if shell is not None:
            shells.append(shell)
            _work(shell, settings)
        log.info("ended")
        return 0
    except (NoKeys, NoLock) as error:
        log.error("archive_not_started", error=str(error))
        return CANNOT_START
    except Stuck as error:
        log.error("archive_stuck", error=str(error))
        return EXIT_STUCK
    except Exception as error:  # noqa: BLE001 - the outermost loop: whatever it is ends in an exit code
        where = [f"{Path(each.filename).name}:{each.lineno}" for each in traceback.extract_tb(error.__traceback__)]
        log.error("archive_failed", error=type(error).__name__, at=where)  # no text: it may hold a patient's data
        return 1
    finally:
        health.close()


def _work(shell: ArchiveShell, settings: Settings) -> None:
    watch = Watch(settings.archive.stuck_after_s, lambda: shell.standing, ends_of(settings.kafka)).start()
    try:
        shell.run()
    finally:
        watch.close()


def _check_lock(settings: Settings) -> None:
    """Refuse to start where manifests cannot be locked as the settings want; raises NoKeys, NoLock."""
    store = S3Store(settings.s3)
    try:
        if settings.s3.locks_manifests:
            store.check_lock()
    except Unavailable as error:
        log.warning("lock_not_checked", what=str(error))  # the first manifest asks again
    finally:
        store.close()


def _connect(settings: Settings, stop: threading.Event) -> ArchiveShell | None:
    """Make the shell as soon as Kafka answers; None where the part was told to end first. Raises NoKeys.

    What holds threads and connects by itself is made once, however often the shell is tried.
    """
    store = S3Store(settings.s3)
    spool = FolderSpool(settings.state / "archive" / settings.archive.instance_id, settings.disk_min_free_bytes)
    kafka_log = KafkaLog(settings.kafka, time.time_ns)
    writer = Writer(store, kafka_log, spool, time.time_ns, lock_for(settings.s3))
    while not stop.is_set():
        try:
            return ArchiveShell(settings, writer, kafka_log, spool, stop)
        except Unavailable as error:
            log.warning("waiting", what=str(error))
            stop.wait(RETRY_S)
    kafka_log.close()
    store.close()
    return None


def _end_on_signals(stop: threading.Event) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
