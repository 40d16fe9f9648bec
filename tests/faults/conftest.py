"""One stage for the file of faults, and a line per fault at the end of the run."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.services.cluster import cluster
from tests.faults.services.stage import Brokers, Form, Stage
from tests.services.broker import Broker
from tests.services.running import running
from tests.services.store import Store

SEED = int(os.environ.setdefault("HUIZHEN_TEST_SEED", str(random.randrange(10**6))))
"""Printed with each fault; set it to play the same again"""
FORM = Form.FULL if os.environ.get("HUIZHEN_TEST_FULL") == "1" else Form.SHORT
FIGURES = "figures"


@pytest.fixture(scope="module")
def stage(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One broker, a store behind a proxy and one line, for all faults of the file."""
    folder = tmp_path_factory.mktemp("stage")
    with running(Broker(folder / "kafka")) as broker:
        yield from _stage(folder, broker, store)


@pytest.fixture(scope="module")
def stage_of_three(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The same with three brokers."""
    folder = tmp_path_factory.mktemp("stage-of-three")
    with cluster(folder) as brokers:
        yield from _stage(folder, brokers, store)


def _stage(folder: Path, brokers: Brokers, store: Store) -> Iterator[Stage]:
    made = Stage(folder, brokers, store, SEED, FORM)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _in_order(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give the next fault a new line where this one failed: what it left is no ground for another."""
    failed = request.session.testsfailed
    yield
    for name in {"stage", "stage_of_three"} & set(request.fixturenames):
        if request.session.testsfailed > failed:
            request.getfixturevalue(name).clear()


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
