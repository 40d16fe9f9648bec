"""The archive's start while Kafka is away; nothing listens on the discard port of the loopback address."""

import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from huizhen.schemas import kafka_io, logs
from huizhen.schemas.settings import KafkaSettings, S3Settings, Settings
from huizhen.sinks import consumer_io, main
from tests.services.waiting import wait_for

NOWHERE = KafkaSettings(bootstrap="127.0.0.1:9")
TRIES = 4


def settings(state: Path, key: str = "key") -> Settings:
    s3 = S3Settings(endpoint="127.0.0.1:9", access_key=SecretStr(key), secret_key=SecretStr(key))
    return Settings(state=state, kafka=NOWHERE, s3=s3)


def threads() -> int:
    """All threads of this process, those of the Kafka client too."""
    return len(list(Path("/proc/self/task").iterdir()))


@dataclass
class Log:
    """Counts the threads whenever a try has failed."""

    counted: list[int]

    def warning(self, _event: str, *, what: str) -> None:
        assert what.startswith("Kafka")
        self.counted.append(threads())


def test_waiting_for_kafka_makes_no_more_threads_and_ends_when_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_io, "METADATA_TIMEOUT_S", 0.05)
    monkeypatch.setattr(consumer_io, "ASK_S", 0.05)
    monkeypatch.setattr(main, "RETRY_S", 0.01)
    before, log, stop = threads(), Log([]), threading.Event()
    monkeypatch.setattr(main, "log", log)
    given: list[object] = []
    thread = threading.Thread(target=lambda: given.append(main._connect(settings(tmp_path), stop)))
    thread.start()
    wait_for(lambda: len(log.counted) >= TRIES, 60, "some tries")
    stop.set()
    thread.join(10)
    assert given == [None]
    assert max(log.counted) - min(log.counted) <= 1, log.counted
    wait_for(lambda: threads() <= before + 1, 60, "the clients' threads end")


def test_empty_s3_keys_are_named_by_their_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "configure", lambda *_: None)  # it would hold on to this test's stderr
    with capture_logs() as lines:
        assert main.run(settings(tmp_path, "")) == 2
    assert [line["error"] for line in lines if line["event"] == "archive_not_started"] == [
        "there are no keys for S3: set s3.access_key and s3.secret_key"
    ]
