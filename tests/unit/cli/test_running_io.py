"""Settings are loaded with flags on top, and a running `up` is found."""

import os
from pathlib import Path

import pytest

from huizhen.cli import runstate_io
from huizhen.cli.environment import PREFIX
from huizhen.cli.problem import Problem
from huizhen.cli.running_io import adopt, load_settings
from huizhen.cli.runstate import RunState
from huizhen.cli.secrets_io import s3_keys
from huizhen.schemas.settings import Settings


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder and an environment of their own: `adopt` writes to the environment."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name in ("KAFKA__BOOTSTRAP", "S3__ENDPOINT", "S3__ACCESS_KEY", "S3__SECRET_KEY"):
        monkeypatch.setenv(PREFIX + name, "to be restored")
        monkeypatch.delenv(PREFIX + name)
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


def test_a_running_up_gives_its_addresses_and_keys(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with runstate_io.held(folder):
        runstate_io.write(folder, RunState(1, 1.0, "p", "127.0.0.1:12345", "127.0.0.1:12346"))
        assert adopt() is not None
        loaded = load_settings()
    assert (loaded.kafka.bootstrap, loaded.s3.endpoint) == ("127.0.0.1:12345", "127.0.0.1:12346")
    assert (loaded.s3.access_key, loaded.s3.secret_key) == s3_keys(folder)


def test_an_up_that_still_prepares_has_no_address_to_give(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with runstate_io.held(folder):
        runstate_io.write(folder, RunState(1, 1.0, "", "", "", notice="preparing"))
        assert adopt() is None
    assert "HUIZHEN_KAFKA__BOOTSTRAP" not in os.environ


def test_what_somebody_configured_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIZHEN_KAFKA__BOOTSTRAP", "mine:1")
    folder = tmp_path / "state"
    with runstate_io.held(folder):
        runstate_io.write(folder, RunState(1, 1.0, "p", "127.0.0.1:12345", "127.0.0.1:12346"))
        adopt()
    assert load_settings().kafka.bootstrap == "mine:1"
