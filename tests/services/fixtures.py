"""Fixtures: one real Kafka and one real S3 per test session, and what tests usually want of them."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from minio import Minio

from huizhen.cli.kafka_io import admin_client
from huizhen.cli.seaweed_io import s3_client as client_of
from huizhen.cli.topics_io import ensure_topics
from huizhen.schemas.settings import KafkaSettings, S3Settings
from tests.services.broker import Broker
from tests.services.running import running
from tests.services.store import Store
from tests.services.up_process import Up
from tests.services.waiting import wait_for


@pytest.fixture(scope="session")
def kafka_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The session's Kafka process, for `broker`."""
    with running(Broker(tmp_path_factory.mktemp("kafka"))) as kafka:
        yield kafka


@pytest.fixture(scope="module")
def broker(kafka_process: Broker) -> Broker:
    """The session's Kafka with no topics in it, for tests that need its process; they leave it running.

    Emptied for each file: topics without tenant (frames, ledger, …) are shared, and what one file's tests put there
    would be read by another's.
    """
    remove_topics(kafka_process.settings)
    return kafka_process


def remove_topics(kafka: KafkaSettings) -> None:
    """Remove all topics but Kafka's own, and wait until the broker knows of none."""
    client = admin_client(kafka)

    def left() -> list[str]:
        return [name for name in client.list_topics(timeout=10).topics if not name.startswith("__")]

    if names := left():
        for done in client.delete_topics(names).values():
            done.result(30)
        wait_for(lambda: not left(), 60, "the broker forgets the topics of the file before")


@pytest.fixture(scope="module")
def kafka(broker: Broker) -> KafkaSettings:
    """How to reach the file's Kafka; `kafka.bootstrap` is host:port."""
    return broker.settings


@pytest.fixture(scope="module")
def admin(kafka: KafkaSettings) -> AdminClient:
    """An admin client of the file's Kafka."""
    return admin_client(kafka)


@pytest.fixture(scope="module")
def topics(kafka: KafkaSettings) -> Callable[[str], str]:
    """Create all topics of a tenant (and the ones without tenant, once); gives the tenant back."""

    def create(tenant: str) -> str:
        ensure_topics(kafka, [tenant])
        return tenant

    return create


@pytest.fixture
def tenant(topics: Callable[[str], str]) -> str:
    """A tenant nobody else uses, with its topics."""
    return topics(f"t{secrets.token_hex(4)}")


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The session's S3, for tests that need its process; they leave it running."""
    with running(Store(tmp_path_factory.mktemp("s3"))) as server:
        yield server


@pytest.fixture(scope="session")
def s3(store: Store) -> S3Settings:
    """How to reach the session's S3; the bucket is there."""
    return store.settings


@pytest.fixture(scope="session")
def s3_client(s3: S3Settings) -> Minio:
    """A client of the session's S3."""
    return client_of(s3, 30.0)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    """Start `huizhen up` with stand-ins as often as wanted, in one folder; what still runs is ended."""
    started: list[Up] = []

    def start(env: dict[str, str] | None = None) -> Up:
        started.append(Up(tmp_path / "state", env))
        return started[-1]

    yield start
    for one in started:
        one.end()
