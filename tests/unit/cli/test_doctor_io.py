"""The doctor looks at a machine without needing anything of it."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from huizhen.cli import doctor_io
from huizhen.cli.finding import Finding, Level
from huizhen.schemas.settings import KafkaSettings, S3Settings, Settings, UpSettings


def found(settings: Settings) -> dict[str, Finding]:
    return {finding.thing: finding for finding in doctor_io.examine(settings)}


def test_a_bare_machine_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", "")
    settings = Settings(state=tmp_path, up=UpSettings(cache=tmp_path / "cache"), disk_min_free_bytes=1 << 60)
    findings = found(settings)
    assert {thing for thing, one in findings.items() if one.level is Level.WRONG} >= {"java", "maven", "disk"}
    assert findings["chromium"].level is Level.ADVICE
    assert all(one.way_out for one in findings.values() if one.level is not Level.OK)
    assert "17" in findings["java"].way_out


def test_outside_servers_are_asked_and_nothing_embedded_is_looked_for(tmp_path: Path) -> None:
    s3 = S3Settings(endpoint="127.0.0.1:9", access_key=SecretStr("a"), secret_key=SecretStr("b"))
    findings = found(Settings(state=tmp_path, kafka=KafkaSettings(bootstrap="127.0.0.1:9"), s3=s3))
    assert findings["kafka"].level is Level.WRONG
    assert findings["s3"].level is Level.WRONG
    assert not {"java", "maven", "kafka jars", "seaweedfs"} & set(findings)


def test_what_the_doctor_says_holds_no_secret(tmp_path: Path) -> None:
    s3 = S3Settings(endpoint="127.0.0.1:9", access_key=SecretStr("opensesame"), secret_key=SecretStr("opensesame"))
    assert "opensesame" not in str(found(Settings(state=tmp_path, s3=s3)))
