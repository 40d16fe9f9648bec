"""`huizhen up` when parts, or itself, are killed: all comes back, and nothing is left when it ends."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from huizhen.cli import runstate_io
from huizhen.cli.kafka_io import check_kafka
from huizhen.cli.runstate import PartState
from huizhen.schemas.settings import KafkaSettings
from tests.services.up_process import START_S, Up
from tests.services.waiting import wait_for

pytestmark = pytest.mark.timeout(240)


def test_a_day_in_its_life(up: Callable[..., Up]) -> None:
    one = up().wait_until_well()

    second = one.cli("up")
    assert second.returncode == 0, second.stderr
    assert "Already running" in second.stdout
    assert one.part("kafka").address in second.stdout
    assert runstate_io.read(one.folder) is not None

    status = one.cli("status")
    assert status.returncode == 0, status.stdout + status.stderr
    topics = one.cli("topics", "--check")
    assert topics.returncode == 0, topics.stdout + topics.stderr
    assert "huizhen.clinic.packets" in topics.stdout

    for name in ("processors", "kafka", "s3"):
        killed = one.part(name)
        assert killed.pid is not None
        os.kill(killed.pid, signal.SIGKILL)
        _wait_until_back(one, killed)
        assert one.part(name).address == killed.address
    check_kafka(KafkaSettings(bootstrap=one.state().kafka))

    family = one.family()
    assert len(family) == 3
    one_port = one.part("s3").address.rpartition(":")[2]
    down = one.cli("down")
    assert "kafka" in down.stdout, down.stderr
    assert one.process.wait(60) == 0, "it ended by itself; `down` kills what does not end in time"
    assert list(Path("/tmp").glob(f"seaweedfs-s3*{one_port}.sock")) == []
    assert [process.pid for process in family if process.is_running()] == []
    assert "Nothing runs" in one.cli("down").stdout
    assert one.cli("status").returncode == 4


def test_ctrl_c_ends_all_and_a_second_start_finds_its_data(up: Callable[..., Up]) -> None:
    one = up().wait_until_well()
    keys = (one.folder / "secrets" / "s3.json").read_text()
    family = one.family()
    one.process.send_signal(signal.SIGINT)
    assert one.process.wait(60) == 0
    assert [process.pid for process in family if process.is_running()] == []

    again = up().wait_until_well()
    assert (again.folder / "secrets" / "s3.json").read_text() == keys
    family = again.family()
    again.process.kill()
    again.process.wait(60)
    wait_for(lambda: not any(process.is_running() for process in family), 60, "nothing survives a killed supervisor")


def _wait_until_back(one: Up, killed: PartState) -> None:
    def back() -> bool:
        now = one.part(killed.name)
        return now.pid is not None and now.pid != killed.pid and one.state().all_well

    wait_for(back, START_S, f"{killed.name} is back")
