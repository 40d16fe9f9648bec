"""The same parts against servers outside, with TLS and a login, and nothing embedded."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from huizhen.cli import runstate_io
from huizhen.cli.kafka_io import check_kafka
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.settings import S3Settings
from tests.services.secure_broker import PASSWORD, USER, SecureBroker
from tests.services.waiting import wait_for

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureBroker]:
    broker = SecureBroker(tmp_path_factory.mktemp("secure"))
    try:
        broker.start_somewhere()
        yield broker
    finally:
        broker.stop()
        broker.remove_data()


def test_a_broker_with_tls_refuses_other_passwords_and_authorities(secure: SecureBroker) -> None:
    from pydantic import SecretStr

    check_kafka(secure.settings)
    with pytest.raises(Unavailable):
        check_kafka(secure.settings.model_copy(update={"sasl_password": SecretStr("wrong")}), 2.0)
    with pytest.raises(Unavailable):
        check_kafka(secure.settings.model_copy(update={"ssl_ca_location": None}), 2.0)


def test_up_runs_all_parts_against_servers_outside(secure: SecureBroker, s3: S3Settings, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    env = {
        **os.environ,
        "HUIZHEN_KAFKA__SASL_PASSWORD": PASSWORD,
        "HUIZHEN_S3__ACCESS_KEY": s3.access_key.get_secret_value(),
        "HUIZHEN_S3__SECRET_KEY": s3.secret_key.get_secret_value(),
    }
    security = ["--kafka-protocol", "SASL_SSL", "--kafka-mechanism", "PLAIN", "--kafka-user", USER]
    servers = ["--kafka", secure.settings.bootstrap, "--s3", s3.endpoint, "--s3-bucket", s3.bucket, "--no-s3-tls"]
    command = [sys.executable, "-m", "huizhen.cli", "--state", str(folder), "up", *servers, *security]
    with (tmp_path / "out").open("wb") as out:
        up = subprocess.Popen(
            [*command, "--kafka-ca", str(secure.authority)], stdout=out, stderr=subprocess.STDOUT, env=env, cwd=tmp_path
        )
    try:

        def well() -> bool:
            assert up.poll() is None, (tmp_path / "out").read_text()
            state = runstate_io.read(folder)
            return state is not None and state.all_well

        wait_for(well, 120, f"all parts are well, see {folder}/logs")
        state = runstate_io.read(folder)
        assert state is not None
        assert {part.name: part.pid is None for part in state.parts} == {
            "kafka": True, "s3": True, "processors": False, "archive": False, "api": False
        }  # fmt: skip
        assert len(psutil.Process(up.pid).children()) == 3
        assert sorted(path.name for path in folder.iterdir() if path.name in ("kafka", "s3")) == []
    finally:
        up.send_signal(signal.SIGTERM)
        assert up.wait(15) == 0
    check_kafka(secure.settings)
