"""What the tests of the archive share: a hospital that sends, the archive's settings, an archive that runs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from huizhen.schemas.settings import ArchiveSettings, KafkaSettings, ProcessorSettings, S3Settings, Settings
from tests.services.hospital import Hospital, Running


@pytest.fixture
def hospital(kafka: KafkaSettings, tenant: str) -> Iterator[Hospital]:
    made = Hospital(kafka, tenant)
    yield made
    made.close()


@pytest.fixture
def settings(kafka: KafkaSettings, s3: S3Settings, tenant: str, tmp_path: Path) -> Settings:
    return Settings(
        state=tmp_path,
        kafka=kafka,
        s3=s3,
        processor=ProcessorSettings(tenants=[tenant]),
        archive=ArchiveSettings(
            group=f"archive-{tenant}", instance_max_frames=8, drain_s=3, resend_after_s=0.5, seal_after_silence_s=5
        ),
        disk_min_free_bytes=0,
    )


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def begin(with_settings: Settings = settings) -> Running:
        started.append(Running(with_settings))
        return started[-1]

    yield begin
    for each in started:
        each.stop()
