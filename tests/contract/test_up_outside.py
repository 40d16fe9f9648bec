"""The same parts against servers outside, with TLS and a login, and nothing embedded."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest
from pydantic import SecretStr
from pydicom import dcmread

from huizhen.api.objects_io import S3Objects
from huizhen.cli import runstate_io
from huizhen.cli.kafka_io import check_kafka
from huizhen.cli.runstate import RunState
from huizhen.cli.seaweed_io import check_s3
from huizhen.cli.secrets_io import issuer_key
from huizhen.cli.signin_io import sign_in_code
from huizhen.cli.viewer_io import Person
from huizhen.producers.phantom import make_phantom, phantom_frame
from huizhen.schemas import htj2k
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.settings import KafkaSettings
from huizhen.sinks.store_io import S3Store
from tests.services.running import running
from tests.services.secure_broker import PASSWORD, USER, SecureBroker
from tests.services.secure_store import SecureStore
from tests.services.waiting import wait_for

pytestmark = pytest.mark.timeout(240)
HUIZHEN = [sys.executable, "-m", "huizhen.cli"]
FRAMES, SIDE, RATE_HZ = 30, 128, 30.0


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureBroker]:
    with running(SecureBroker(tmp_path_factory.mktemp("secure"))) as broker:
        yield broker


@pytest.fixture(scope="module")
def tls_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureStore]:
    with running(SecureStore(tmp_path_factory.mktemp("tls-s3"))) as server:
        yield server


@dataclass(frozen=True, slots=True)
class Outside:
    """An `up` against those servers."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    env: dict[str, str]

    @property
    def state(self) -> RunState:
        state = runstate_io.read(self.folder)
        assert state is not None
        return state

    def code(self) -> str:
        return sign_in_code(issuer_key(self.folder), "clinic", time.time())

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [*HUIZHEN, "--state", str(self.folder), *arguments]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def outside(secure: SecureBroker, tls_s3: SecureStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    place = tmp_path_factory.mktemp("outside")
    folder, s3 = place / "state", tls_s3.settings
    env = {
        **os.environ,
        "HUIZHEN_KAFKA__SASL_PASSWORD": PASSWORD,
        "HUIZHEN_S3__ACCESS_KEY": s3.access_key.get_secret_value(),
        "HUIZHEN_S3__SECRET_KEY": s3.secret_key.get_secret_value(),
    }
    security = ["--kafka-protocol", "SASL_SSL", "--kafka-user", USER, "--kafka-ca", str(secure.authority)]
    store = ["--s3", s3.endpoint, "--s3-bucket", s3.bucket, "--s3-tls", "--s3-ca", str(tls_s3.authority)]
    command = [*HUIZHEN, "--state", str(folder), "up", "--kafka", secure.settings.bootstrap, *security, *store]
    with (place / "out").open("wb") as out:
        up = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=env, cwd=place)
    others = {
        "HUIZHEN_KAFKA__BOOTSTRAP": secure.settings.bootstrap,
        "HUIZHEN_KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
        "HUIZHEN_KAFKA__SASL_USERNAME": USER,
        "HUIZHEN_KAFKA__SSL_CA_LOCATION": str(secure.authority),
        "HUIZHEN_S3__ENDPOINT": s3.endpoint,
        "HUIZHEN_S3__BUCKET": s3.bucket,
        "HUIZHEN_S3__SECURE": "true",
        "HUIZHEN_S3__CA_LOCATION": str(tls_s3.authority),
    }
    try:

        def well() -> bool:
            assert up.poll() is None, (place / "out").read_text()
            state = runstate_io.read(folder)
            return state is not None and state.all_well

        wait_for(well, 120, f"all parts are well, see {folder}/logs")
        yield Outside(up, folder, env | others)
    finally:
        up.send_signal(signal.SIGTERM)
        assert up.wait(60) == 0


def test_a_broker_with_tls_refuses_other_passwords_and_authorities(secure: SecureBroker) -> None:
    assert secure.settings.sasl_mechanism == KafkaSettings().sasl_mechanism == "SCRAM-SHA-512"
    check_kafka(secure.settings)
    check_kafka(secure.settings.model_copy(update={"sasl_mechanism": "PLAIN"}))
    with pytest.raises(Unavailable):
        check_kafka(secure.settings.model_copy(update={"sasl_password": SecretStr("wrong")}), 2.0)
    with pytest.raises(Unavailable):
        check_kafka(secure.settings.model_copy(update={"ssl_ca_location": None}), 2.0)


def test_every_s3_client_knows_the_authority_it_is_told_and_no_other(tls_s3: SecureStore, secure: SecureBroker) -> None:
    good = tls_s3.settings
    check_s3(good)
    assert list(S3Store(good).list("nothing/")) == []
    assert S3Objects(good).check()
    for other in (None, secure.authority):
        bad = good.model_copy(update={"ca_location": other})
        with pytest.raises(Unavailable, match="SSL"):
            check_s3(bad)
        with pytest.raises(Unavailable, match="SSL"):
            list(S3Store(bad).list("nothing/"))
        assert not S3Objects(bad).check()


def test_up_runs_all_parts_against_servers_outside(outside: Outside) -> None:
    assert {part.name: part.pid is None for part in outside.state.parts} == {
        "kafka": True, "s3": True, "processors": False, "archive": False, "api": False
    }  # fmt: skip
    assert len(psutil.Process(outside.process.pid).children()) == 3
    assert sorted(path.name for path in outside.folder.iterdir() if path.name in ("kafka", "s3")) == []


def test_the_other_commands_find_protocol_user_authorities_and_secrets_by_the_state_folder(
    outside: Outside, tmp_path: Path
) -> None:
    plain = {name: value for name, value in outside.env.items() if not name.startswith("HUIZHEN_")}
    for command in (["status"], ["topics", "--check"], ["capture", "phantom:?rows=64&columns=64&frames=3",
                    "--session", "adopted-1", "--rate", "30", "--wait-stored", "60"],
                    ["export", "adopted-1", "--to", str(tmp_path / "out")]):  # fmt: skip
        done = subprocess.run(
            [*HUIZHEN, "--state", str(outside.folder), *command],
            env=plain, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (command[0], done.stdout, done.stderr)
    assert list((tmp_path / "out").rglob("*.dcm"))
    assert PASSWORD not in (outside.folder / "up.json").read_text()


def test_frames_travel_with_scram_and_tls_to_the_store_and_back(outside: Outside, tmp_path: Path) -> None:
    location = f"phantom:?rows={SIDE}&columns={SIDE}&frames={FRAMES}"
    sent = outside.run("capture", location, "--session", "tls-1", "--rate", str(RATE_HZ), "--wait-stored", "60")
    assert sent.returncode == 0, sent.stderr
    with contextlib.closing(Person(outside.state.page, outside.code())) as person:

        def stored() -> int:
            (source,) = person.get("/v1/sessions/tls-1")["sources"]
            return int(source["counts"]["stored"])

        wait_for(lambda: stored() == FRAMES, 60, "all frames are stored")
        first = person.get("/v1/sessions/tls-1/instances")["items"][0]
        assert htj2k.decode(person.read(f"{first['href']}/frames/1")).shape == (SIDE, SIDE)
    done = outside.run("export", "tls-1", "--to", str(tmp_path))
    assert done.returncode == 0, done.stderr
    phantom = make_phantom(SIDE, SIDE, 1)
    captured = np.stack([phantom_frame(phantom, number, RATE_HZ) for number in range(FRAMES)])
    files = sorted(tmp_path.rglob("exact/*.dcm"))
    read = np.concatenate([np.atleast_3d(dcmread(file).pixel_array).reshape(-1, SIDE, SIDE) for file in files])
    assert np.array_equal(read, captured)
