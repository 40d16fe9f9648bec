"""A real S3 (SeaweedFS) behind TLS, as one outside would be."""

from pathlib import Path

from huizhen.cli import seaweed_io
from huizhen.cli.child_io import spawn
from huizhen.cli.seaweed_server import start_command
from huizhen.schemas.settings import S3Settings
from tests.services.certificates import make_certificates
from tests.services.store import START_S, Store
from tests.services.waiting import wait_until_it_serves


class SecureStore(Store):
    """A store that speaks TLS only, with a certificate of its own authority."""

    @property
    def authority(self) -> Path:
        """The PEM file of the authority that signed the store."""
        return self.folder / "ca.pem"

    @property
    def settings(self) -> S3Settings:
        """How to reach it; the bucket is there."""
        return super().settings.model_copy(update={"secure": True, "ca_location": self.authority})

    def start(self) -> "SecureStore":
        """Start it, make the bucket and wait until both answer over TLS."""
        certificates = make_certificates(self.folder)
        seaweed_io.prepare(self._server, self.settings)
        tls = [f"-s3.cert.file={certificates.chain}", f"-s3.key.file={certificates.key}"]
        self._child = spawn([*start_command(self._server), *tls], self.log)
        wait_until_it_serves(lambda: seaweed_io.make_bucket(self.settings, 2.0), self._child, self.log, START_S)
        return self
