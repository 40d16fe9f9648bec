"""Object storage over S3: the minio client for reading, and an upload of our own for the two headers it cannot send.

minio's `put_object` has no argument for `If-None-Match` and `x-amz-checksum-sha256` (given as metadata they become
`x-amz-meta-…` and a second put silently replaces the first), so the upload is one signed PUT through its own signer.
"""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

import certifi
import urllib3
from minio import Minio
from minio.credentials.credentials import Credentials
from minio.error import MinioException, S3Error
from minio.signer import sign_v4_s3

from huizhen.schemas.errors import ChecksumMismatch, Unavailable
from huizhen.schemas.settings import S3Settings
from huizhen.sinks.store import Lock, NoKeys, NoLock, NoObject, Stat, Version

CONNECT_S = 5.0
READ_S = 30.0  # an object of 48 MiB at 2 MB/s; longer is an outage, which the caller waits out
RETRY_S = 1.0
OBJECT_MAX = 1 << 30  # above any instance the archive writes; a larger one is not read into memory
BLOCK_BYTES = 256 << 10  # written to the socket at a time; 16 KiB by default
CANNOT = frozenset({400, 403, 501})  # what servers answer that cannot lock, or whose bucket cannot
NO_LOCK = frozenset({
    "ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration", "InvalidRequest", "NotImplemented",
    "MethodNotAllowed",
})  # fmt: skip
"""What servers say of a bucket without object lock, or that have no such thing"""
WRONG_SUM = frozenset({"BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch", "InvalidDigest"})


class S3Store:
    """Objects in one bucket of an S3 server; making it raises NoKeys where the settings hold none."""

    def __init__(self, settings: S3Settings) -> None:
        self._settings = settings
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
            maxsize=4,
            blocksize=BLOCK_BYTES,
            retries=False,
            cert_reqs="CERT_REQUIRED",
            ca_certs=str(settings.ca_location) if settings.ca_location else certifi.where(),  # as all clients of S3
        )
        if not settings.access_key.get_secret_value() or not settings.secret_key.get_secret_value():
            raise NoKeys
        access, secret = settings.access_key.get_secret_value(), settings.secret_key.get_secret_value()
        self._credentials = Credentials(access, secret)
        self._client = Minio(
            settings.endpoint, access, secret, secure=settings.secure, region=settings.region, http_client=self._http
        )

    def put(
        self, key: str, body: BinaryIO, size: int, sha256: str, content_type: str, *, lock: Lock | None = None
    ) -> bool:
        """Write an object unless its key exists: `If-None-Match: *`, checksum and payload hash in the signature."""
        scheme = "https" if self._settings.secure else "http"
        url = f"{scheme}://{self._settings.endpoint}/{self._settings.bucket}/{quote(key)}"
        body.seek(0)
        try:
            response = self._http.request(
                "PUT", url, body=body, headers=self._signed(url, size, sha256, content_type, lock), redirect=False
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unavailable(f"S3 ({type(error).__name__})", RETRY_S) from error
        if lock is not None and response.status in CANNOT:
            self.check_lock()
        return _written(key, sha256, response)

    def check_lock(self) -> None:
        """Ask whether the bucket can lock objects; raises NoLock, Unavailable."""
        try:
            locks = bucket_locks(self._client, self._settings.bucket)
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _of(error, "") from error
        if not locks:
            raise NoLock(self._settings.bucket)

    def _signed(self, url: str, size: int, sha256: str, content_type: str, lock: Lock | None) -> dict[str, str]:
        now = datetime.now(UTC)
        headers: dict[str, Any] = {
            "Host": urlsplit(url).netloc,
            "Content-Length": str(size),
            "Content-Type": content_type,
            "If-None-Match": "*",
            "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(sha256)).decode(),
            "x-amz-content-sha256": sha256,
            "x-amz-date": now.strftime("%Y%m%dT%H%M%SZ"),
            **_lock_headers(lock),
        }
        signed = sign_v4_s3(
            method="PUT",
            url=urlsplit(url),
            region=self._settings.region,
            headers=headers,
            credentials=self._credentials,
            content_sha256=sha256,
            date=now,
        )
        return {name: str(value) for name, value in signed.items()}

    def get(self, key: str, version: str = "") -> bytes:
        """Read a whole object; raises NoObject, Unavailable."""
        try:
            response = self._client.get_object(self._settings.bucket, key, version_id=version or None)
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _of(error, key) from error
        try:
            value: bytes = response.read(OBJECT_MAX)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unavailable(f"S3 ({type(error).__name__})", RETRY_S) from error
        finally:
            response.close()
            response.release_conn()
        return value

    def list(self, prefix: str) -> Iterator[Stat]:
        """List the objects whose keys begin with `prefix`, in order of their keys."""
        try:
            for item in self._client.list_objects(self._settings.bucket, prefix, recursive=True):
                yield Stat(str(item.object_name), int(item.size or 0))
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _of(error, prefix) from error

    def lock_of(self, key: str, version: str = "") -> Lock | None:
        """Give an object's lock, None where it or its bucket has none; raises NoObject, Unavailable."""
        try:
            found = self._client.get_object_retention(self._settings.bucket, key, version or None)
        except S3Error as error:
            if error.code in NO_LOCK:
                return None
            raise _of(error, key) from error
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _of(error, key) from error
        return None if found is None else Lock(str(found.mode), int(found.retain_until_date.timestamp()) * 10**9)

    def versions(self, prefix: str) -> Iterator[Version]:
        """List all versions of the objects whose keys begin with `prefix`, by key, the newest first."""
        bucket = self._settings.bucket
        try:
            for item in self._client.list_objects(bucket, prefix, recursive=True, include_version=True):
                version = "" if item.version_id in (None, "null") else str(item.version_id)
                yield Version(str(item.object_name), version, item.is_latest != "false", bool(item.is_delete_marker))
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _of(error, prefix) from error

    def close(self) -> None:
        """Close its connections."""
        self._http.clear()


def bucket_locks(client: Minio, bucket: str) -> bool:
    """Ask whether a bucket can lock objects; raises what the client raises."""
    try:
        client.get_object_lock_config(bucket)
    except S3Error as error:
        if error.code in NO_LOCK:
            return False
        raise
    return True


def _lock_headers(lock: Lock | None) -> dict[str, str]:
    if lock is None:
        return {}
    until = datetime.fromtimestamp(lock.until_ns / 1e9, UTC)
    return {
        "x-amz-object-lock-mode": lock.mode,
        "x-amz-object-lock-retain-until-date": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _written(key: str, sha256: str, response: urllib3.BaseHTTPResponse) -> bool:
    if response.status == 200:
        return True
    if response.status == 412:
        return False
    code = _code(response.data)
    if code in WRONG_SUM:
        raise ChecksumMismatch(f"object {key}", sha256, code)
    raise Unavailable(f"S3 (PUT answers {response.status} {code})", RETRY_S)


def _code(body: bytes) -> str:
    start, _, rest = body[:4096].partition(b"<Code>")
    text = rest.partition(b"</Code>")[0].decode("ascii", "replace") if start != body[:4096] else ""
    return text if text.isalnum() and len(text) <= 64 else ""


def _of(error: Exception, key: str) -> NoObject | Unavailable:
    if isinstance(error, S3Error) and error.code == "NoSuchKey":
        return NoObject(key)
    what = error.code if isinstance(error, S3Error) else type(error).__name__
    return Unavailable(f"S3 ({what})", RETRY_S)
