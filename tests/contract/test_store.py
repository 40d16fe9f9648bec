"""One contract, kept by the store in memory and by a real S3."""

import hashlib
import io
import secrets
import time
from collections.abc import Iterator

import pytest
from minio import Minio
from minio.error import S3Error
from pydantic import SecretStr

from huizhen.cli.seaweed_io import can_lock, make_bucket
from huizhen.schemas.errors import ChecksumMismatch, Unavailable
from huizhen.schemas.settings import S3Settings
from huizhen.sinks.store import DICOM, Lock, MemoryStore, NoLock, NoObject, Stat, Store, Version
from huizhen.sinks.store_io import S3Store


@pytest.fixture(params=["memory", "s3"])
def archive_store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    real = S3Store(request.getfixturevalue("s3"))
    yield real
    real.close()


@pytest.fixture
def prefix() -> str:
    return f"contract/{secrets.token_hex(8)}/"


def put(store: Store, key: str, value: bytes) -> bool:
    return store.put(key, io.BytesIO(value), len(value), hashlib.sha256(value).hexdigest(), DICOM)


def test_what_was_put_is_read_back(archive_store: Store, prefix: str) -> None:
    value = secrets.token_bytes(3 << 20)
    assert put(archive_store, prefix + "a", value)
    assert archive_store.get(prefix + "a") == value


def test_a_second_put_writes_nothing_and_keeps_the_first(archive_store: Store, prefix: str) -> None:
    assert put(archive_store, prefix + "a", b"first")
    assert not put(archive_store, prefix + "a", b"second")
    assert archive_store.get(prefix + "a") == b"first"


def test_a_large_second_put_writes_nothing_either(archive_store: Store, prefix: str) -> None:
    value = bytes(20 << 20)
    assert put(archive_store, prefix + "a", value)
    assert not put(archive_store, prefix + "a", value)


def test_bytes_of_another_sha256_are_refused(archive_store: Store, prefix: str) -> None:
    wrong = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(ChecksumMismatch):
        archive_store.put(prefix + "a", io.BytesIO(b"value"), 5, wrong, DICOM)
    with pytest.raises(NoObject):
        archive_store.get(prefix + "a")


def test_a_body_is_read_from_its_beginning(archive_store: Store, prefix: str) -> None:
    body = io.BytesIO(b"value")
    body.read()
    archive_store.put(prefix + "a", body, 5, hashlib.sha256(b"value").hexdigest(), DICOM)
    assert archive_store.get(prefix + "a") == b"value"


def test_an_absent_object_is_said_to_be_absent(archive_store: Store, prefix: str) -> None:
    with pytest.raises(NoObject, match="no object"):
        archive_store.get(prefix + "nothing")


def test_a_listing_is_in_order_and_only_of_its_prefix(archive_store: Store, prefix: str) -> None:
    for name in ("b/2", "a/1", "b/1"):
        put(archive_store, prefix + name, name.encode())
    assert list(archive_store.list(prefix + "b/")) == [Stat(prefix + "b/1", 3), Stat(prefix + "b/2", 3)]


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_a_lock_is_kept_with_its_object(archive_store: Store, prefix: str, mode: str) -> None:
    lock = Lock(mode, (int(time.time()) + 86_400) * 10**9)
    sha256 = hashlib.sha256(b"value").hexdigest()
    assert archive_store.put(prefix + "a", io.BytesIO(b"value"), 5, sha256, DICOM, lock=lock)
    put(archive_store, prefix + "b", b"free")
    assert archive_store.lock_of(prefix + "a") == lock
    assert archive_store.lock_of(prefix + "b") is None
    with pytest.raises(NoObject):
        archive_store.lock_of(prefix + "c")


def test_what_is_locked_stays_as_a_version_whoever_deletes_or_writes_over_it(
    s3: S3Settings, s3_client: Minio, prefix: str
) -> None:
    store = S3Store(s3)
    lock = Lock("COMPLIANCE", (int(time.time()) + 86_400) * 10**9)
    key, sha256 = prefix + "a", hashlib.sha256(b"value").hexdigest()
    store.put(key, io.BytesIO(b"value"), 5, sha256, DICOM, lock=lock)
    (first,) = store.versions(prefix)
    s3_client.put_object(s3.bucket, key, io.BytesIO(b"other"), 5)
    s3_client.remove_object(s3.bucket, key)
    with pytest.raises(S3Error, match="AccessDenied"):
        s3_client.remove_object(s3.bucket, key, version_id=first.version)
    deletion, other, kept = sorted(store.versions(prefix), key=lambda each: (not each.is_newest, each == first))
    assert (deletion.is_deletion, deletion.is_newest, other.is_deletion) == (True, True, False)
    assert kept == Version(key, first.version, is_newest=False)
    assert store.get(key, first.version) == b"value"
    store.close()


def test_a_bucket_without_object_lock_says_so_and_what_to_do(s3: S3Settings, s3_client: Minio, prefix: str) -> None:
    plain = s3.model_copy(update={"bucket": "plain-bucket", "retention": "none"})
    make_bucket(plain)
    assert can_lock(plain), "nobody wants it to"
    wanting = plain.model_copy(update={"retention": "governance"})
    assert not can_lock(wanting)
    store = S3Store(wanting)
    with pytest.raises(NoLock, match="bucket plain-bucket has no object lock: make a new one"):
        store.check_lock()
    lock = Lock("GOVERNANCE", (int(time.time()) + 86_400) * 10**9)
    with pytest.raises(NoLock):
        store.put(prefix + "a", io.BytesIO(b"value"), 5, hashlib.sha256(b"value").hexdigest(), DICOM, lock=lock)
    put(store, prefix + "b", b"value")
    assert (store.lock_of(prefix + "b"), [each.is_newest for each in store.versions(prefix)]) == (None, [True])
    assert not make_bucket(wanting, is_ours=True), "the embedded server's bucket is mended"
    store.check_lock()
    assert store.get(prefix + "b") == b"value"
    store.close()


def test_a_refused_key_is_unavailable_and_names_no_secret(s3: S3Settings, prefix: str) -> None:
    store = S3Store(s3.model_copy(update={"secret_key": SecretStr("not-the-secret")}))
    with pytest.raises(Unavailable) as caught:
        put(store, prefix + "a", b"value")
    assert "not-the-secret" not in str(caught.value)
    with pytest.raises(Unavailable):
        store.get(prefix + "a")


def test_a_store_that_is_away_is_unavailable(s3: S3Settings, prefix: str) -> None:
    store = S3Store(s3.model_copy(update={"endpoint": "127.0.0.1:1"}))
    with pytest.raises(Unavailable):
        put(store, prefix + "a", b"value")
    with pytest.raises(Unavailable):
        store.get(prefix + "a")
    with pytest.raises(Unavailable):
        list(store.list(prefix))


def test_a_missing_bucket_is_unavailable(s3: S3Settings, prefix: str) -> None:
    store = S3Store(s3.model_copy(update={"bucket": "no-such-bucket"}))
    with pytest.raises(Unavailable):
        store.get(prefix + "a")
