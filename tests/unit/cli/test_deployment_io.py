"""Turning settings into a deployment: what stops it before anything starts."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from huizhen.cli.deployment_io import deploy, health_check
from huizhen.cli.ports_io import Claims, free_ports
from huizhen.cli.problem import Problem
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.health_io import HealthServer
from huizhen.schemas.settings import ApiSettings, KafkaSettings, S3Settings, Settings

KAFKA = KafkaSettings(bootstrap="broker.example.org:9092")
S3 = S3Settings(endpoint="s3.example.org:443", access_key=SecretStr("a"), secret_key=SecretStr("b"))


@pytest.fixture
def claims() -> Iterator[Claims]:
    with closing(Claims()) as held:
        yield held


def ignore(line: str) -> None:
    pass


def test_outside_servers_need_no_java_and_nothing_is_written_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, claims: Claims
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    said: list[str] = []
    found = deploy(Settings(state=tmp_path / "state", kafka=KAFKA, s3=S3), said.append, claims)
    assert [(part.name, part.outside) for part in found.parts] == [
        ("kafka", True), ("s3", True), ("processors", False), ("archive", False), ("api", False)
    ]  # fmt: skip
    assert found.settings.kafka == KAFKA
    assert found.settings.s3 == S3
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == ["secrets"]
    assert said == []


def test_an_outside_s3_without_keys_is_one_line(tmp_path: Path, claims: Claims) -> None:
    s3 = S3Settings(endpoint="s3.example.org:443")
    with pytest.raises(Problem, match=r"keys of S3 at s3\.example\.org:443 are missing: set HUIZHEN_S3__ACCESS_KEY"):
        deploy(Settings(state=tmp_path, kafka=KAFKA, s3=s3), ignore, claims)


def test_an_outside_issuer_needs_no_local_key(tmp_path: Path, claims: Claims) -> None:
    api = ApiSettings(issuer="https://login.example.org", public_url="https://huizhen.example.org")
    found = deploy(Settings(state=tmp_path, kafka=KAFKA, s3=S3, api=api), ignore, claims)
    assert found.settings.api.local_issuer_key is None
    assert found.page == "https://huizhen.example.org"
    assert not (tmp_path / "secrets").exists()


def test_a_full_disk_is_one_line_with_the_way_out(tmp_path: Path, claims: Claims) -> None:
    with pytest.raises(Problem, match=r"GB free on the disk of .* are needed: free some"):
        deploy(Settings(state=tmp_path, kafka=KAFKA, s3=S3, disk_min_free_bytes=1 << 60), ignore, claims)


def test_health_is_asked_over_http() -> None:
    (port,) = free_ports(1)
    check = health_check(port)
    with pytest.raises(Unavailable, match="healthz"):
        check()
    told = {"kafka": "ok"}
    server = HealthServer("127.0.0.1", port, lambda: told)
    try:
        check()
        told["kafka"] = "away since noon"
        with pytest.raises(Unavailable, match=r"503 .*away since noon"):
            check()
    finally:
        server.close()
