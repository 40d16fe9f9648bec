"""A real S3 (SeaweedFS) for tests: one process, own folder, free ports."""

import secrets
import shutil
from pathlib import Path

from pydantic import SecretStr

from huizhen.cli import seaweed_io
from huizhen.cli.child_io import spawn, stop
from huizhen.cli.ports_io import Claims, free_ports
from huizhen.cli.seaweed_server import SeaweedServer, start_command
from huizhen.schemas.settings import S3Settings
from tests.services.signalled import Signalled
from tests.services.waiting import wait_until_it_serves

START_S = 180.0  # it needs three seconds; machines that run tests are busy
STOP_S = 1.0  # its filer waits 15 s for its own streams; killed, it loses nothing it acknowledged


class Store(Signalled):
    """Start, kill, pause and stop one store; its ports and keys stay the same."""

    killed_within_s = STOP_S * 10

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "s3.log"
        self._keys = SecretStr(secrets.token_hex(8)), SecretStr(secrets.token_hex(16))
        self._claims = Claims()
        self._new_ports()

    def _new_ports(self) -> None:
        s3, master, volume, filer = free_ports(4, self._claims)
        self._server = SeaweedServer(seaweed_io.find_weed(), self.folder, s3, master, volume, filer, 1 << 30)

    @property
    def settings(self) -> S3Settings:
        """How to reach it; the bucket is there."""
        access, secret = self._keys
        endpoint = f"127.0.0.1:{self._server.s3_port}"
        return S3Settings(endpoint=endpoint, bucket="huizhen-test", access_key=access, secret_key=secret)

    @property
    def pid(self) -> int:
        """The process id of the running store."""
        assert self._child is not None, "the store does not run"
        return self._child.pid

    def start(self) -> "Store":
        """Start it, make the bucket and wait until both answer to our keys."""
        seaweed_io.prepare(self._server, self.settings)
        self._child = spawn(start_command(self._server), self.log)
        wait_until_it_serves(lambda: seaweed_io.make_bucket(self.settings, 2.0), self._child, self.log, START_S)
        return self

    def start_somewhere(self) -> "Store":
        """Start it, on other ports when somebody took ours between choice and use."""
        try:
            return self.start()
        except AssertionError:
            self.stop()
            self._new_ports()
            return self.start()

    def kill(self) -> None:
        """Kill -9, as a crash would; what does not run is left alone."""
        if self._child is not None:
            super().kill()

    def stop(self) -> None:
        """End it; its logs stay."""
        if self._child is not None:
            stop(self._child, STOP_S)
            seaweed_io.clean(self._server)
            self._child = None
        self._claims.close()

    def remove_data(self) -> None:
        """Give the disk back."""
        shutil.rmtree(self._server.data, ignore_errors=True)
