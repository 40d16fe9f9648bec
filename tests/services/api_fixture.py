"""Fixtures: one api process for a module of tests, each test with a tenant of its own."""

import itertools
import secrets
from collections.abc import Callable, Iterator

import pytest

from huizhen.schemas.settings import KafkaSettings, S3Settings
from tests.services.api_server import ApiServer

TENANTS = 16  # tests of one module at most; the api follows the topics of them all


@pytest.fixture(scope="module")
def tenants(topics: Callable[[str], str]) -> list[str]:
    """Tenants nobody else uses, with their topics."""
    return [topics(f"t{secrets.token_hex(4)}") for _ in range(TENANTS)]


@pytest.fixture(scope="module")
def _next(tenants: list[str]) -> Iterator[str]:
    return itertools.chain(tenants)


@pytest.fixture
def tenant(_next: Iterator[str]) -> str:
    """A tenant that the api serves and no other test uses."""
    return next(_next)


@pytest.fixture(scope="module")
def api_environment() -> dict[str, str]:
    """Further settings of the api; a module of tests may have its own."""
    return {}


@pytest.fixture(scope="module")
def api(
    kafka: KafkaSettings,
    s3: S3Settings,
    tenants: list[str],
    api_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ApiServer]:
    """An api, ready; a test that ends it starts it again."""
    server = ApiServer(tmp_path_factory.mktemp("api"), kafka, s3, tenants, api_environment)
    try:
        yield server.start()
    finally:
        server.stop()
