"""What the tests of the processors share: a worker on the file's Kafka, and an exam of its institution."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from huizhen.schemas.settings import KafkaSettings
from tests.exam import Exam
from tests.services.processor_bench import Bench


@pytest.fixture
def bench(kafka: KafkaSettings, tenant: str, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(kafka, tenant, tmp_path)
    yield made
    made.close()


@pytest.fixture
def exam(tenant: str) -> Exam:
    return Exam(tenant=tenant)
