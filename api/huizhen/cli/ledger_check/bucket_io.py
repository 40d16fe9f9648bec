"""The checker's own reading of the bucket: a listing, every object whole, every frame decoded."""

import hashlib
import io
import re
import struct
from collections.abc import Iterator
from pathlib import PurePosixPath

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error
from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError

from huizhen.cli.ledger_check.history import Held, Session
from huizhen.cli.problem import Problem
from huizhen.cli.seaweed_io import s3_client
from huizhen.schemas import htj2k
from huizhen.schemas.errors import BadInput, Unavailable
from huizhen.schemas.private_block import CREATOR, GROUP
from huizhen.schemas.settings import S3Settings
from huizhen.schemas.transcode import codestreams

INSTANCE = re.compile(r"([^/]+)/([^/]+)/([^/]+)/(exact|supplement|derived|mask)/[0-9]+-[0-9]+-([0-9a-f]{64})\.dcm")
ANSWER_S = 60.0  # of one request: a large instance is read whole
Sessions = dict[tuple[str, str], Session]


def read_bucket(settings: S3Settings, sessions: Sessions, only: str = "") -> None:
    """Read the objects of the sessions (`only`: of one) and compare the listing with the ledger's keys.

    Raises Unavailable where S3 does not answer, refuses our keys or has no such bucket.
    """
    if not settings.access_key.get_secret_value() or not settings.secret_key.get_secret_value():
        raise Problem(f"there are no keys for S3 at {settings.endpoint}", way_out="set s3.access_key and s3.secret_key")
    try:
        _read_bucket(settings, sessions, only)
    except S3Error as error:
        way_out = "check s3.access_key, s3.secret_key and s3.bucket"
        raise Problem(f"S3 at {settings.endpoint}, bucket {settings.bucket} ({error.code})", way_out=way_out) from None
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise Unavailable(f"S3 at {settings.endpoint} ({type(error).__name__})") from None


def _read_bucket(settings: S3Settings, sessions: Sessions, only: str) -> None:
    client = s3_client(settings, ANSWER_S)
    listed: set[str] = set()
    for item in client.list_objects(settings.bucket, recursive=True):
        key = str(item.object_name)
        found = INSTANCE.fullmatch(key)
        if found is None or (only and found[2] != only):
            continue
        listed.add(key)
        tenant, session, _, kind, sha256 = found.groups()
        history = sessions.setdefault((tenant, session), Session(tenant, session))
        value = _get(client, settings.bucket, key)
        if hashlib.sha256(value).hexdigest() != sha256:
            history.unreadable.append(key)
        elif kind in ("exact", "supplement"):
            _take(key, value, history)
    for history in sessions.values():
        named = {entry.object_key for each in history.sources.values() for entry in each.entries if entry.object_key}
        history.lacking += sorted(named - listed)


def _get(client: Minio, bucket: str, key: str) -> bytes:
    response = client.get_object(bucket, key)
    try:
        return bytes(response.read())
    finally:
        response.close()
        response.release_conn()


def _take(key: str, value: bytes, history: Session) -> None:
    try:
        found = list(frames_of(key, dcmread(io.BytesIO(value))))
    except (BadInput, InvalidDicomError, KeyError, ValueError, struct.error):
        history.unreadable.append(key)
        return
    for each in found:
        history.source(PurePosixPath(key).parts[2]).held.append(each)


def frames_of(key: str, dataset: Dataset) -> Iterator[Held]:
    """Give the frames of an instance; raises KeyError, ValueError or BadInput where it is none of ours."""
    block = dataset.private_block(GROUP, CREATOR)
    tenant, session, source = (str(each) for each in block[0x01].value)
    packed = bytes(block[0x02].value)
    numbers = struct.unpack(f"<{len(packed) // 8}q", packed)
    key_tenant, key_session = key.split("/")[:2]
    for number, codestream in zip(numbers, codestreams(dataset), strict=True):
        pixels = htj2k.decode(codestream)
        samples = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False).tobytes()
        digests = hashlib.sha256(codestream).hexdigest(), hashlib.sha256(samples).hexdigest()
        yield Held(key, key_tenant, key_session, tenant, session, source, number, *digests)
