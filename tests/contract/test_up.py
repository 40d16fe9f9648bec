"""`huizhen up` where something is missing or taken: one line with the way out; outside servers are left alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from huizhen.cli import runstate_io
from huizhen.cli.kafka_io import check_kafka
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.settings import KafkaSettings, S3Settings
from tests.services.up_process import Up
from tests.services.waiting import wait_for

pytestmark = pytest.mark.timeout(180)


def test_a_configured_port_that_is_busy_is_one_line(up: Callable[..., Up], kafka: KafkaSettings) -> None:
    busy = kafka.bootstrap.split(":")[1]
    one = up({"HUIZHEN_UP__KAFKA_PORT": busy})
    assert one.process.wait(90) == 1
    assert one.said.splitlines() == [
        f"huizhen: port {busy} is taken by {_holder(int(busy))}: stop it, or choose another port with --kafka-port, "
        "or leave --kafka-port out to get a free one"
    ]


def test_two_at_once_on_one_machine_do_not_meet(tmp_path: Path) -> None:
    runs = [Up(tmp_path / f"state-{number}") for number in range(2)]
    try:
        for one in runs:
            one.wait_until_well()
        addresses = [part.address for one in runs for part in one.state().parts]
        assert len(set(addresses)) == len(addresses) == 6
        assert [part.restarts for one in runs for part in one.state().parts] == [0] * 6
    finally:
        for one in runs:
            one.end()


def test_somebody_elses_kafka_is_not_taken_for_ours(kafka: KafkaSettings) -> None:
    check_kafka(kafka)
    with pytest.raises(Unavailable, match="another Kafka answers there"):
        check_kafka(kafka, cluster="AAAAAAAAAAAAAAAAAAAAAA")


def test_a_missing_java_is_one_line(up: Callable[..., Up], tmp_path: Path) -> None:
    one = up({"PATH": str(tmp_path), "JAVA_HOME": ""})
    assert one.process.wait(90) == 1
    assert len(one.said.splitlines()) == 1
    assert one.said.startswith("huizhen: no Java found: install Java 17 or later")


def test_a_missing_maven_is_one_line(up: Callable[..., Up], tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(_java())
    one = up({"PATH": str(tmp_path / "bin"), "HUIZHEN_UP__CACHE": str(tmp_path / "cache")})
    assert one.process.wait(90) == 1
    assert "Maven is missing: install it" in one.said.splitlines()[-1]


def test_down_ends_an_up_that_still_fetches_jars(up: Callable[..., Up], tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(_java())
    maven = tmp_path / "bin" / "mvn"
    maven.write_text("#!/bin/sh\nexec /bin/sleep 90\n")
    maven.chmod(0o755)
    one = up({"PATH": str(tmp_path / "bin"), "HUIZHEN_UP__CACHE": str(tmp_path / "cache")})
    wait_for(lambda: "fetching Kafka's jars" in one.said, 60, "it fetches")
    assert "preparing" in one.cli("status").stdout
    one.cli("down")
    assert one.process.wait(60) != 0
    assert "Nothing runs" in one.cli("status").stdout


def test_a_full_disk_is_one_line(up: Callable[..., Up]) -> None:
    one = up({"HUIZHEN_DISK_MIN_FREE_BYTES": str(1 << 60)})
    assert one.process.wait(90) == 1
    assert len(one.said.splitlines()) == 1
    assert "GB free on the disk of" in one.said
    assert "disk_min_free_bytes" in one.said


def test_an_outside_kafka_that_is_away_is_waited_for(up: Callable[..., Up]) -> None:
    one = up({"HUIZHEN_KAFKA__BOOTSTRAP": "127.0.0.1:9"})
    wait_for(lambda: (s := runstate_io.read(one.folder)) and any(p.name == "s3" for p in s.parts), 60, "a state")
    wait_for(lambda: one.part("s3").phase == "healthy", 60, "S3 is there")
    wait_for(lambda: "Kafka at 127.0.0.1:9" in one.part("kafka").reason, 60, "the reason is written down")
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
    wait_for((secret / "issuer.json").exists, 60, "the secrets are made")
    modes = {path.name: path.stat().st_mode & 0o777 for path in [secret, *secret.iterdir()]}
    assert modes == {"secrets": 0o700, "s3.json": 0o600, "issuer.json": 0o600}


def _holder(port: int) -> str:
    from huizhen.cli.ports_io import holder

    return holder(port)


def _java() -> str:
    from huizhen.cli.java_io import find_java

    return str(find_java())
