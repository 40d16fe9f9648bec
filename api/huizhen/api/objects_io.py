"""Read the archive's objects from S3, checked against the digest the ledger gives."""

import asyncio
import hashlib
import io
import itertools

import certifi
import urllib3
from minio import Minio
from minio.error import S3Error

from huizhen.api.files import Stored
from huizhen.api.problem import Problem
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.settings import S3Settings

TIMEOUT_S = 20.0
AT_ONCE = 3  # objects read at the same time: each may hold 48 MiB
OBJECT_MAX_BYTES = 512 << 20  # larger than any instance the archive writes
PIECE_BYTES = 256 << 10
PART_BYTES = 128 << 20  # above anything written here: one request, no parts


class S3Objects:
    """Objects in one bucket."""

    def __init__(self, s3: S3Settings) -> None:
        authorities = str(s3.ca_location) if s3.ca_location else certifi.where()
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=3.0, read=TIMEOUT_S), retries=False, maxsize=AT_ONCE + 1,
            cert_reqs="CERT_REQUIRED", ca_certs=authorities,
        )  # fmt: skip
        self._bucket = s3.bucket
        self._client = Minio(
            s3.endpoint, s3.access_key.get_secret_value(), s3.secret_key.get_secret_value(),
            secure=s3.secure, region=s3.region, http_client=pool,
        )  # fmt: skip
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def get(self, key: str, sha256: str) -> bytes:
        """Give an object; raises Unavailable, or Problem 502 where its bytes have another digest."""
        async with self._turns:
            found = await asyncio.to_thread(self._get, key)
            if await asyncio.to_thread(_digest, found) != sha256:
                raise Problem(502, "an object is not the one that was stored; it is not shown")
            return found

    async def put(self, key: str, content: bytes, media_type: str) -> None:
        """Write a small object; raises Unavailable."""
        async with self._turns:
            await asyncio.to_thread(self._put, key, content, media_type)

    async def under(self, prefix: str, limit: int) -> list[Stored]:
        """List the first objects under a prefix; raises Unavailable."""
        async with self._turns:
            return await asyncio.to_thread(self._under, prefix, limit)

    def _under(self, prefix: str, limit: int) -> list[Stored]:
        try:
            found = self._client.list_objects(self._bucket, prefix=prefix, recursive=True)
            return [Stored(str(one.object_name), int(one.size or 0)) for one in itertools.islice(found, limit)]
        except (S3Error, urllib3.exceptions.HTTPError, ValueError) as error:
            raise Unavailable("the archive's store", 2.0) from error

    def _put(self, key: str, content: bytes, media_type: str) -> None:
        try:
            self._client.put_object(
                self._bucket, key, io.BytesIO(content), len(content), content_type=media_type, part_size=PART_BYTES
            )
        except (S3Error, urllib3.exceptions.HTTPError, ValueError) as error:
            raise Unavailable("the archive's store", 2.0) from error

    def check(self) -> bool:
        """Say whether the bucket answers to our keys."""
        try:
            return bool(self._client.bucket_exists(self._bucket))
        except (S3Error, urllib3.exceptions.HTTPError, ValueError):
            return False

    def _get(self, key: str) -> bytes:
        try:
            answer = self._client.get_object(self._bucket, key)
            try:
                return _read(answer)
            finally:
                answer.close()
                answer.release_conn()
        except S3Error as error:
            if error.code == "NoSuchKey":
                raise Problem(502, "an object that the ledger names is not in the store") from error
            raise Unavailable("the archive's store", 2.0) from error
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise Unavailable("the archive's store", 2.0) from error


def _read(answer: urllib3.BaseHTTPResponse) -> bytes:
    pieces, size = [], 0
    for piece in answer.stream(PIECE_BYTES):
        size += len(piece)
        if size > OBJECT_MAX_BYTES:
            raise ValueError(f"an object above {OBJECT_MAX_BYTES} bytes (OBJECT_MAX_BYTES)")
        pieces.append(piece)
    return b"".join(pieces)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
