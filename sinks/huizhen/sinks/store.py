"""The archive's port to object storage, and a store in memory that keeps the same contract.

Contract. A key is written once: `put` says whether it wrote, and never replaces. The SHA-256 goes with the upload and a
store that receives other bytes refuses them. What is read is checked by the caller: keys and ledger name the digest.
What was written under a lock stays until the lock's end, whoever writes or deletes under its key: as an older version.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from huizhen.schemas.errors import ChecksumMismatch, HuizhenError

DICOM = "application/dicom"
JSON = "application/json"


class NoObject(HuizhenError):
    """The store answers, and has no object of that key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"no object {key}")
        self.key = key


class NoKeys(HuizhenError):
    """The settings hold no keys for the store: nothing can be read or written until they do."""

    def __init__(self) -> None:
        super().__init__("there are no keys for S3: set s3.access_key and s3.secret_key")


class NoLock(HuizhenError):
    """The bucket cannot lock objects, and the settings want it."""

    def __init__(self, bucket: str) -> None:
        super().__init__(
            f"bucket {bucket} has no object lock: make a new one with it (`huizhen up` does), or turn versioning and "
            "object lock on, or set s3.retention to none"
        )


@dataclass(frozen=True, slots=True)
class Lock:
    """Retention of an object (S3 object lock): until then nobody may delete the version that was written."""

    mode: str
    """GOVERNANCE: but who has the right to bypass it; COMPLIANCE: nobody at all"""
    until_ns: int
    """UTC nanoseconds since 1970"""


@dataclass(frozen=True, slots=True)
class Version:
    """One of the versions of an object; a deletion is a version too, without bytes."""

    key: str
    version: str
    is_newest: bool = True
    is_deletion: bool = False


@dataclass(frozen=True, slots=True)
class Stat:
    """An object as a listing shows it."""

    key: str
    size: int


class Store(Protocol):
    """Objects by key; every call raises Unavailable where the store does not serve."""

    def put(
        self, key: str, body: BinaryIO, size: int, sha256: str, content_type: str, *, lock: Lock | None = None
    ) -> bool:
        """Write an object unless its key exists; say whether it was written.

        `body` is read from its beginning; `sha256` in hex. Raises ChecksumMismatch where the store received others,
        NoLock where it cannot lock.
        """
        ...

    def get(self, key: str, version: str = "") -> bytes:
        """Read a whole object; raises NoObject."""
        ...

    def lock_of(self, key: str, version: str = "") -> Lock | None:
        """Give an object's lock, None where it has none; raises NoObject."""
        ...

    def versions(self, prefix: str) -> Iterator[Version]:
        """List all versions of the objects whose keys begin with `prefix`, by key, the newest first."""
        ...

    def list(self, prefix: str) -> Iterator[Stat]:
        """List the objects whose keys begin with `prefix`, in order of their keys."""
        ...


@dataclass(slots=True)
class MemoryStore:
    """A store in memory for tests and for users' tests; keeps the contract above."""

    objects: dict[str, bytes] = field(default_factory=dict)
    content_types: dict[str, str] = field(default_factory=dict)
    locks: dict[str, Lock] = field(default_factory=dict)

    def put(
        self, key: str, body: BinaryIO, size: int, sha256: str, content_type: str, *, lock: Lock | None = None
    ) -> bool:
        """Write an object unless its key exists."""
        if key in self.objects:
            return False
        body.seek(0)
        value = body.read(size)
        actual = hashlib.sha256(value).hexdigest()
        if actual != sha256:
            raise ChecksumMismatch(f"object {key}", sha256, actual)
        self.objects[key] = value
        self.content_types[key] = content_type
        if lock is not None:
            self.locks[key] = lock
        return True

    def get(self, key: str, version: str = "") -> bytes:
        """Read a whole object."""
        try:
            return self.objects[key]
        except KeyError as error:
            raise NoObject(key) from error

    def lock_of(self, key: str, version: str = "") -> Lock | None:
        """Give an object's lock."""
        self.get(key, version)
        return self.locks.get(key)

    def versions(self, prefix: str) -> Iterator[Version]:
        """List the only version of each object."""
        for each in self.list(prefix):
            yield Version(each.key, "")

    def list(self, prefix: str) -> Iterator[Stat]:
        """List the objects whose keys begin with `prefix`."""
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield Stat(key, len(self.objects[key]))
