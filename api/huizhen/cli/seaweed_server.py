"""What an embedded SeaweedFS is told: one process that is master, volume server, filer and S3 gateway, on loopback.

The filer's own HTTP service is off: it would show the archive without a login.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from huizhen.cli.ports import GRPC_OFFSET
from huizhen.schemas.settings import S3Settings

VOLUME_MIB = 1024  # volumes are made a few at a time; small ones fit small disks
SOCKETS = (
    "seaweedfs-s3-{s3}.sock",
    "seaweedfs-s3-grpc-{grpc}.sock",
    "seaweedfs-filer-{filer}.sock",
)  # it leaves them in /tmp when killed


@dataclass(frozen=True, slots=True)
class SeaweedServer:
    """One SeaweedFS; every port has its gRPC partner at + 10000."""

    weed: Path
    folder: Path
    s3_port: int
    master_port: int
    volume_port: int
    filer_port: int
    min_free_bytes: int

    @property
    def identities_file(self) -> Path:
        """Who may use S3: keys in the clear, so 0600."""
        return self.folder / "identities.json"

    @property
    def data(self) -> Path:
        """The folder of the stored bytes."""
        return self.folder / "data"

    @property
    def sockets(self) -> tuple[Path, ...]:
        """The socket files it makes outside its folder."""
        names = (
            name.format(s3=self.s3_port, grpc=self.s3_port + GRPC_OFFSET, filer=self.filer_port) for name in SOCKETS
        )
        return tuple(Path("/tmp") / name for name in names)  # noqa: S108  (its own choice, without a flag)


def identities(s3: S3Settings) -> str:
    """Write the identities file that makes the given keys the only ones."""
    key = {"accessKey": s3.access_key.get_secret_value(), "secretKey": s3.secret_key.get_secret_value()}
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    return json.dumps({"identities": [{"name": "huizhen", "credentials": [key], "actions": actions}]})


def start_command(server: SeaweedServer) -> list[str]:
    """Give the command that runs SeaweedFS."""
    return [
        str(server.weed),
        "-logtostderr=true",
        "server",
        f"-dir={server.data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-master.port={server.master_port}",
        f"-master.volumeSizeLimitMB={VOLUME_MIB}",
        "-master.electionTimeout=1s",  # one master: nobody to wait for after a crash
        "-master.heartbeatInterval=100ms",
        "-master.telemetry=false",
        f"-volume.port={server.volume_port}",
        "-volume.id=huizhen",  # the ports may change between runs, the volumes stay this server's
        "-volume.max=0",  # as many as the disk holds
        "-volume.preStopSeconds=0",
        f"-volume.minFreeSpace={max(1, server.min_free_bytes >> 20)}MiB",
        "-filer",
        f"-filer.port={server.filer_port}",
        "-filer.disableHttp",
        "-s3",
        f"-s3.port={server.s3_port}",
        f"-s3.config={server.identities_file}",
        "-s3.iam=false",
        "-s3.autoCreateBucket=false",
        "-s3.port.iceberg=0",  # two servers would collide on its fixed port
        "-s3.port.lance=0",
    ]
