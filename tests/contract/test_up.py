"""`huizhen up`: starts, says when it already runs, starts killed parts again, ends in time with nothing left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from huizhen.cli import runstate_io
from huizhen.cli.down_io import DOWN_S
from huizhen.cli.kafka_io import check_kafka
from huizhen.cli.runstate import PartState, RunState
from huizhen.schemas.settings import KafkaSettings, S3Settings
from tests.services.waiting import wait_for

pytestmark = pytest.mark.timeout(180)
UP = [sys.executable, "-m", "tests.services.up_with_standins"]
CLI = [sys.executable, "-m", "huizhen.cli"]
START_S = 90.0


class Up:
    """A running `up` with stand-ins."""

    def __init__(self, folder: Path, env: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.env = {**os.environ, "HUIZHEN_STATE": str(folder), **(env or {})}
        self.out = folder.with_suffix(".out")
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(UP, stdout=out, stderr=subprocess.STDOUT, env=self.env)

    @property
    def said(self) -> str:
        return self.out.read_text()

    def state(self) -> RunState:
        state = runstate_io.read(self.folder)
        assert state is not None
        return state

    def part(self, name: str) -> PartState:
        return next(part for part in self.state().parts if part.name == name)

    def wait_until_well(self) -> "Up":
        def well() -> bool:
            assert self.process.poll() is None, self.said
            return "ALL WELL" in self.said

        wait_for(well, START_S, "all parts are well")
        return self

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*CLI, *arguments], capture_output=True, text=True, env=self.env, timeout=60, check=False)

    def family(self) -> list[psutil.Process]:
        found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return found

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def start(env: dict[str, str] | None = None) -> Up:
        started.append(Up(tmp_path / "state", env))
        return started[-1]

    yield start
    for one in started:
        one.end()


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
    before = time.monotonic()
    down = one.cli("down")
    took_s = time.monotonic() - before
    assert "kafka" in down.stdout, down.stderr
    assert took_s < DOWN_S
    assert one.process.wait(2) == 0
    assert list(Path("/tmp").glob(f"seaweedfs-s3*{one_port}.sock")) == []
    assert [process.pid for process in family if process.is_running()] == []
    assert "Nothing runs" in one.cli("down").stdout
    assert one.cli("status").returncode == 4


def test_ctrl_c_ends_all_and_a_second_start_finds_its_data(up: Callable[..., Up]) -> None:
    one = up().wait_until_well()
    keys = (one.folder / "secrets" / "s3.json").read_text()
    family = one.family()
    before = time.monotonic()
    one.process.send_signal(signal.SIGINT)
    assert one.process.wait(DOWN_S) == 0
    assert time.monotonic() - before < DOWN_S
    assert [process.pid for process in family if process.is_running()] == []

    again = up().wait_until_well()
    assert (again.folder / "secrets" / "s3.json").read_text() == keys
    family = again.family()
    again.process.kill()
    again.process.wait(5)
    wait_for(lambda: not any(process.is_running() for process in family), 10, "nothing survives a killed supervisor")


def test_a_configured_port_that_is_busy_is_one_line(up: Callable[..., Up], kafka: KafkaSettings) -> None:
    busy = kafka.bootstrap.split(":")[1]
    one = up({"HUIZHEN_UP__KAFKA_PORT": busy})
    assert one.process.wait(30) == 1
    assert one.said.splitlines() == [
        f"huizhen: port {busy} is taken by {_holder(int(busy))}: stop it, or choose another port with --kafka-port, "
        "or leave --kafka-port out to get a free one"
    ]


def test_a_missing_java_is_one_line(up: Callable[..., Up], tmp_path: Path) -> None:
    one = up({"PATH": str(tmp_path), "JAVA_HOME": ""})
    assert one.process.wait(30) == 1
    assert len(one.said.splitlines()) == 1
    assert one.said.startswith("huizhen: no Java found: install Java 17 or later")


def test_a_missing_maven_is_one_line(up: Callable[..., Up], tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(_java())
    one = up({"PATH": str(tmp_path / "bin"), "HUIZHEN_UP__CACHE": str(tmp_path / "cache")})
    assert one.process.wait(30) == 1
    assert "Maven is missing: install it" in one.said.splitlines()[-1]


def test_down_ends_an_up_that_still_fetches_jars(up: Callable[..., Up], tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(_java())
    maven = tmp_path / "bin" / "mvn"
    maven.write_text("#!/bin/sh\nexec /bin/sleep 5\n")
    maven.chmod(0o755)
    one = up({"PATH": str(tmp_path / "bin"), "HUIZHEN_UP__CACHE": str(tmp_path / "cache")})
    wait_for(lambda: "fetching Kafka's jars" in one.said, 20, "it fetches")
    assert "preparing" in one.cli("status").stdout
    one.cli("down")
    assert one.process.wait(5) != 0
    assert "Nothing runs" in one.cli("status").stdout


def test_a_full_disk_is_one_line(up: Callable[..., Up]) -> None:
    one = up({"HUIZHEN_DISK_MIN_FREE_BYTES": str(1 << 60)})
    assert one.process.wait(30) == 1
    assert len(one.said.splitlines()) == 1
    assert "GB free on the disk of" in one.said
    assert "disk_min_free_bytes" in one.said


def test_an_outside_kafka_that_is_away_is_waited_for(up: Callable[..., Up]) -> None:
    one = up({"HUIZHEN_KAFKA__BOOTSTRAP": "127.0.0.1:9"})
    wait_for(lambda: (s := runstate_io.read(one.folder)) and any(p.name == "s3" for p in s.parts), 60, "a state")
    wait_for(lambda: one.part("s3").phase == "healthy", 60, "S3 is there")
    wait_for(lambda: "Kafka at 127.0.0.1:9" in one.part("kafka").reason, 30, "the reason is written down")
    assert one.part("processors").phase == "waiting"
    assert one.process.poll() is None


def test_outside_servers_are_used_and_left_alone(
    up: Callable[..., Up], kafka: KafkaSettings, s3_env: dict[str, str]
) -> None:
    one = up({"HUIZHEN_KAFKA__BOOTSTRAP": kafka.bootstrap, **s3_env}).wait_until_well()
    assert [part.name for part in one.state().parts if part.pid is None] == ["kafka", "s3"]
    assert len(one.family()) == 1
    one.end()
    check_kafka(kafka)


@pytest.fixture
def s3_env(s3: S3Settings) -> dict[str, str]:

    return {
        "HUIZHEN_S3__ENDPOINT": s3.endpoint,
        "HUIZHEN_S3__BUCKET": s3.bucket,
        "HUIZHEN_S3__ACCESS_KEY": s3.access_key.get_secret_value(),
        "HUIZHEN_S3__SECRET_KEY": s3.secret_key.get_secret_value(),
    }


def test_secrets_are_readable_by_their_owner_only(up: Callable[..., Up]) -> None:
    one = up()
    secret = one.folder / "secrets"
    wait_for((secret / "issuer.json").exists, 30, "the secrets are made")
    modes = {path.name: path.stat().st_mode & 0o777 for path in [secret, *secret.iterdir()]}
    assert modes == {"secrets": 0o700, "s3.json": 0o600, "issuer.json": 0o600}


def _wait_until_back(one: Up, killed: PartState) -> None:
    def back() -> bool:
        now = one.part(killed.name)
        return now.pid is not None and now.pid != killed.pid and one.state().all_well

    wait_for(back, START_S, f"{killed.name} is back")


def _holder(port: int) -> str:
    from huizhen.cli.ports_io import holder

    return holder(port)


def _java() -> str:
    from huizhen.cli.java_io import find_java

    return str(find_java())
