from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from huizhen.schemas.settings import KafkaSettings, Settings, kafka_client_config


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HUIZHEN_CONFIG", raising=False)


def test_flags_beat_environment_beats_file_beats_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "huizhen.toml").write_text('[kafka]\nbootstrap = "file:1"\npartitions = 3\n[api]\nport = 1\n')
    monkeypatch.setenv("HUIZHEN_KAFKA__BOOTSTRAP", "env:2")
    monkeypatch.setenv("HUIZHEN_API__PORT", "2")
    found = Settings(api={"port": 3})
    assert (found.kafka.bootstrap, found.kafka.partitions, found.api.port) == ("env:2", 3, 3)
    assert found.s3.bucket == "huizhen"


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "huizhen.toml").write_text("[kafka]\nbootstrp = 1\n")
    with pytest.raises(ValidationError, match="bootstrp"):
        Settings()


def test_a_value_outside_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIZHEN_KAFKA__PARTITIONS", "0")
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        Settings()


def test_secrets_do_not_print() -> None:
    kafka = KafkaSettings(security_protocol="SASL_SSL", sasl_username="u", sasl_password=SecretStr("hush"))
    assert "hush" not in repr(kafka)
    assert kafka_client_config(kafka)["sasl.password"] == "hush"


def test_plain_kafka_needs_no_secrets() -> None:
    assert kafka_client_config(KafkaSettings()) == {
        "bootstrap.servers": "127.0.0.1:9092",
        "security.protocol": "PLAINTEXT",
    }


def test_tls_files_reach_the_client() -> None:
    config = kafka_client_config(KafkaSettings(security_protocol="SSL", ssl_ca_location=Path("/ca.pem")))
    assert config["ssl.ca.location"] == "/ca.pem"
    assert "sasl.mechanism" not in config
