"""Which servers are embedded and how each part is started."""

import sys

import pytest

from huizhen.cli.allotment import Allotment
from huizhen.cli.deployment import (
    Checks,
    Embedded,
    capture_part,
    embeds_kafka,
    embeds_s3,
    health_ports,
    server_parts,
    worker_parts,
)
from huizhen.cli.down_io import DOWN_S
from huizhen.schemas.settings import KafkaSettings, S3Settings, Settings

PORTS = Allotment(9092, 1, 8333, 2, 3, 4, 8080, 5, 6, 7, 8)
CHECKS = Checks(*(lambda: None,) * 4, worker={name: lambda: None for name in ("processors", "archive", "api")})


def test_servers_that_somebody_names_are_not_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert embeds_kafka(Settings())
    assert embeds_s3(Settings())
    assert not embeds_kafka(Settings(kafka=KafkaSettings(bootstrap="127.0.0.1:9092")))
    monkeypatch.setenv("HUIZHEN_S3__ENDPOINT", "s3.example.org:443")
    assert not embeds_s3(Settings())
    assert embeds_s3(Settings.model_construct(s3=S3Settings(bucket="other")))


def test_a_server_without_a_command_is_outside() -> None:
    kafka, s3 = server_parts(Settings(), Embedded(kafka=("java",)), CHECKS)
    assert (kafka.outside, s3.outside) == (False, True)


def test_our_parts_need_both_servers_and_get_all_settings_by_environment() -> None:
    parts = worker_parts(Settings(log_level="debug"), PORTS, CHECKS)
    assert [part.name for part in parts] == ["processors", "archive", "api"]
    assert [part.command[:3] for part in parts] == [(sys.executable, "-m", "huizhen.cli")] * 3
    assert [part.command[3] for part in parts] == ["process", "archive", "api"]
    assert all(part.needs == {"kafka", "s3"} for part in parts)
    assert all(part.env["HUIZHEN_LOG_LEVEL"] == "debug" for part in parts)
    assert [part.env["HUIZHEN_METRICS_PORT"] for part in parts] == ["5", "6", "7"]
    assert [part.address for part in parts] == [f"127.0.0.1:{port}" for port in (5, 6, 8080)]


def test_what_stores_stands_back_behind_what_shows() -> None:
    parts = server_parts(Settings(), Embedded(("java",), ("weed",)), CHECKS) + worker_parts(Settings(), PORTS, CHECKS)
    assert {part.name: part.nice for part in parts} == {"kafka": 0, "s3": 5, "processors": 0, "archive": 5, "api": 0}


def test_everything_ends_in_the_time_that_down_promises() -> None:
    servers = server_parts(Settings(), Embedded(("java",), ("weed",)), CHECKS)
    workers = worker_parts(Settings(), PORTS, CHECKS)
    assert max(part.grace_s for part in workers) + max(part.grace_s for part in servers) < DOWN_S - 1


def test_the_station_is_held_while_the_disk_is_low() -> None:
    part = capture_part(Settings(), PORTS, ("dicom", "x.dcm"), lambda: None)
    assert part.command[3:] == ("capture", "dicom", "x.dcm")
    assert part.brings_data
    assert part.env["HUIZHEN_METRICS_PORT"] == str(health_ports(PORTS)["capture"])
