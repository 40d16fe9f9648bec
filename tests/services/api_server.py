"""The api as a process of its own, as it is deployed, with a local issuer; and clients of it."""

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import httpx
from joserfc.jwk import ECKey

from huizhen.cli.ports_io import free_ports
from huizhen.schemas.settings import KafkaSettings, S3Settings
from tests.services.forked import Forked, program
from tests.services.ports import CLAIMS
from tests.services.sign_in import make_code
from tests.services.waiting import wait_for

START_S = 90.0  # it needs four seconds; machines that run tests are busy
STOP_S = 60.0  # it needs one or two seconds; machines that run tests are busy


def make_key(path: Path) -> ECKey:
    """Make a local issuer's key file."""
    key = ECKey.generate_key("P-256")
    path.touch(mode=0o600)
    path.write_text(json.dumps(key.as_dict(private=True)))
    return key


class ApiServer:
    """Start, ask and stop one api process."""

    def __init__(
        self,
        folder: Path,
        kafka: KafkaSettings,
        s3: S3Settings,
        tenants: list[str],
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.folder = folder
        self.log = folder / "api.log"
        self.key = make_key(folder / "issuer.json")
        self.port, self.metrics_port = free_ports(2, CLAIMS)
        self._environment = {
            **os.environ,
            "HUIZHEN_STATE": str(folder / "state"),
            "HUIZHEN_KAFKA__BOOTSTRAP": kafka.bootstrap,
            "HUIZHEN_S3__ENDPOINT": s3.endpoint,
            "HUIZHEN_S3__BUCKET": s3.bucket,
            "HUIZHEN_S3__ACCESS_KEY": s3.access_key.get_secret_value(),
            "HUIZHEN_S3__SECRET_KEY": s3.secret_key.get_secret_value(),
            "HUIZHEN_PROCESSOR__TENANTS": json.dumps(tenants),
            "HUIZHEN_API__PORT": str(self.port),
            "HUIZHEN_API__LOCAL_ISSUER_KEY": str(folder / "issuer.json"),
            "HUIZHEN_API__REQUESTS_PER_MINUTE": "6000",
            "HUIZHEN_METRICS_PORT": str(self.metrics_port),
            **more,
        }
        self._child: Forked | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._child is not None
        return self._child.pid

    def start(self, wait: bool = True) -> "ApiServer":
        """Start it and wait until it is ready."""
        self._child = Forked(program, "huizhen.api.main", env=self._environment, out=self.log)
        if wait:
            wait_for(self._ready, START_S, f"the api is ready; {self.log.read_text()[-2000:]}")
        return self

    def _ready(self) -> bool:
        assert self._child is not None
        assert self._child.poll() is None, self.log.read_text()[-2000:]
        try:
            return httpx.get(self.url + "/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> int:
        """End it as a supervisor does; give its exit code."""
        assert self._child is not None
        self._child.send_signal(signal.SIGTERM)
        try:
            return self._child.wait(STOP_S)
        finally:
            self._child.kill()
            self._child.wait(STOP_S)

    def client(self, subject: str, institution: str, roles: list[str]) -> httpx.Client:
        """Sign in and give a client with a bearer token."""
        code = make_code(self.key, subject, institution, roles)
        answer = httpx.post(self.url + "/v1/sign-in", json={"code": code}, timeout=10)
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        return httpx.Client(base_url=self.url, headers={"authorization": f"Bearer {token}"}, timeout=10)
