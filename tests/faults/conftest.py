"""One stage for the file of faults, and a line per fault at the end of the run."""

import os
import random
from collections.abc import Iterator

import pytest

from tests.faults.services.stage import Stage
from tests.services.broker import Broker
from tests.services.running import running
from tests.services.store import Store

SEED = int(os.environ.setdefault("HUIZHEN_TEST_SEED", str(random.randrange(10**6))))
"""Printed with each fault; set it to play the same again"""
FIGURES = "figures"


@pytest.fixture(scope="module")
def is_full() -> bool:
    """Say whether faults are played as long as they are meant."""
    return os.environ.get("HUIZHEN_TEST_FULL") == "1"


@pytest.fixture(scope="module")
def stage(store: Store, is_full: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Brokers, a store behind a proxy and one line, for all faults of the file."""
    folder = tmp_path_factory.mktemp("stage")
    with running(Broker(folder / "kafka")) as broker:
        made = Stage(folder, broker, store, SEED, is_full)
        yield made
        made.close()


@pytest.fixture(autouse=True)
def _in_order(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give the next fault a new line where this one failed: what it left is no ground for another."""
    failed = request.session.testsfailed
    yield
    if request.session.testsfailed > failed and "stage" in request.fixturenames:
        request.getfixturevalue("stage").clear()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what each fault cost."""
    reports = [each for key in ("passed", "failed") for each in terminalreporter.getreports(key)]
    lines = [value for each in reports for name, value in each.user_properties if name == FIGURES]
    if lines:
        terminalreporter.section("faults")
        for line in sorted(lines):
            terminalreporter.write_line(str(line))


def pytest_report_header() -> str:
    """Say how to play the same again."""
    return f"HUIZHEN_TEST_SEED={SEED}"
