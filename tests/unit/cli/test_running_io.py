"""Settings are loaded with flags on top, and a running `up` is found."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from huizhen.cli import runstate_io
from huizhen.cli.environment import PREFIX, connection_env, variable
from huizhen.cli.problem import Problem
from huizhen.cli.running_io import adopt, load_settings
from huizhen.cli.runstate import RunState
from huizhen.cli.secrets_io import forget_connection, keep_connection
from huizhen.schemas.settings import KafkaSettings, S3Settings, Settings


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder and an environment of their own: `adopt` writes to the environment."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for group, settings in (("KAFKA", KafkaSettings), ("S3", S3Settings)):
        for name in settings.model_fields:
            monkeypatch.setenv(variable(group, name), "to be restored")
            monkeypatch.delenv(variable(group, name))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUIZHEN_STATE", str(tmp_path / "state"))


def test_flags_win_and_absent_flags_change_nothing() -> None:
    loaded = load_settings({"kafka": {"bootstrap": "b:1", "sasl_username": None}, "api": {"port": None}})
    assert loaded.kafka.bootstrap == "b:1"
    assert loaded.api.model_fields_set == set()
    assert load_settings() == Settings()


def test_flags_and_environment_meet_in_one_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIZHEN_KAFKA__SASL_PASSWORD", "open sesame")
    loaded = load_settings({"kafka": {"bootstrap": "b:1"}})
    assert (loaded.kafka.bootstrap, loaded.kafka.sasl_password.get_secret_value()) == ("b:1", "open sesame")


def test_every_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIZHEN_API__PORT", "99999")
    with pytest.raises(Problem, match=r"used: kafka\.security_protocol: .*'SASL_SSL'; api\.port: input should be less"):
        load_settings({"kafka": {"security_protocol": "TELNET"}})


def test_a_bad_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIZHEN_PROCESSOR__TENANTS", "open sesame")
    with pytest.raises(Problem) as problem:
        load_settings()
    assert "open sesame" not in str(problem.value)


def test_nothing_is_adopted_while_nothing_runs() -> None:
    assert adopt() is None
    assert "HUIZHEN_KAFKA__BOOTSTRAP" not in os.environ


OUTSIDE = Settings(
    kafka=KafkaSettings(
        bootstrap="broker:1",
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-256",
        sasl_username="station",
        sasl_password=SecretStr("open sesame"),
        ssl_ca_location=Path("ca.pem"),
    ),
    s3=S3Settings(
        endpoint="store:1",
        secure=True,
        bucket="imaging",
        access_key=SecretStr("key"),
        secret_key=SecretStr("hush hush"),
        ca_location=Path("s3.pem"),
    ),
)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Path]:
    """The state folder of an `up` that was told of servers outside by flags."""
    folder = tmp_path / "state"
    with runstate_io.held(folder):
        keep_connection(folder, connection_env(OUTSIDE, secret=True))
        state = RunState(1, 1.0, "p", "broker:1", "store:1", connection=connection_env(OUTSIDE, secret=False))
        runstate_io.write(folder, state)
        yield folder


def test_a_running_up_gives_all_by_which_its_servers_are_reached(running: Path, tmp_path: Path) -> None:
    assert adopt() is not None
    loaded = load_settings()
    there = {"ssl_ca_location": tmp_path / "ca.pem"}
    assert loaded.kafka == OUTSIDE.kafka.model_copy(update=there)
    assert loaded.s3 == OUTSIDE.s3.model_copy(update={"ca_location": tmp_path / "s3.pem"})
    assert not (running / "secrets" / "s3.json").exists(), "keys of a store that nobody embeds"


def test_the_state_file_holds_no_secret_and_the_file_that_does_is_its_owners(running: Path) -> None:
    text = (running / "up.json").read_text()
    assert "SASL_SSL" in text
    assert not any(secret in text for secret in ("open sesame", "hush hush"))
    kept = running / "secrets" / "connection.json"
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    forget_connection(running)
    assert not kept.exists()


def test_a_user_who_is_named_here_stays(running: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIZHEN_KAFKA__SASL_USERNAME", "somebody")
    adopt()
    assert (load_settings().kafka.sasl_username, load_settings().kafka.bootstrap) == ("somebody", "broker:1")


def test_an_up_that_still_prepares_has_no_address_to_give(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with runstate_io.held(folder):
        runstate_io.write(folder, RunState(1, 1.0, "", "", "", notice="preparing"))
        assert adopt() is None
    assert "HUIZHEN_KAFKA__BOOTSTRAP" not in os.environ


def test_of_a_server_that_somebody_configured_nothing_is_replaced(
    running: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIZHEN_KAFKA__BOOTSTRAP", "mine:1")
    adopt()
    assert load_settings().kafka == KafkaSettings(bootstrap="mine:1")
    assert load_settings().s3.endpoint == "store:1"
