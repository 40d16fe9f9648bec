"""Settings travel through the environment unchanged, and are shown without secrets."""

import json
import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr

from huizhen.cli.environment import HIDDEN, settings_env, shown, toml_text
from huizhen.schemas.settings import ApiSettings, KafkaSettings, ProcessorSettings, S3Settings, Settings

FULL = Settings(
    state=Path("/srv/state"),
    kafka=KafkaSettings(bootstrap="b:1", sasl_password=SecretStr("open sesame"), ssl_ca_location=Path("/ca.pem")),
    s3=S3Settings(secret_key=SecretStr('quo"te\\ ünï'), secure=True),
    processor=ProcessorSettings(tenants=["clinic-a", "clinic-b"]),
    api=ApiSettings(origins=["https://a.example"], port=0),
)


def test_every_setting_survives_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in settings_env(FULL).items():
        monkeypatch.setenv(name, text)
    assert Settings() == FULL


def test_no_secret_is_shown() -> None:
    values = shown(FULL)
    text = json.dumps(values) + toml_text(values)
    assert "open sesame" not in text
    assert "quo" not in text
    assert HIDDEN in json.dumps(values)


def test_an_empty_secret_is_seen_to_be_empty() -> None:
    assert shown(Settings())["s3"]["secret_key"] == ""  # type: ignore[index]  # a plain nested dict


def test_the_toml_is_toml() -> None:
    read = tomllib.loads(toml_text(shown(FULL)))
    assert read["kafka"]["bootstrap"] == "b:1"
    assert "sasl_password" not in read["kafka"]
    assert read["processor"]["tenants"] == ["clinic-a", "clinic-b"]
    assert read["s3"]["secure"] is True
