"""The archive's port to object storage, and a store in memory that keeps the same contract.

Contract. A key is written once: `put` says whether it wrote, and never replaces. The SHA-256 goes with the upload and a
store that receives other bytes refuses them. What is read is checked by the caller: keys and ledger name the digest.
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


@dataclass(frozen=True, slots=True)
class Stat:
    """An object as a listing shows it."""

    key: str
    size: int


class Store(Protocol):
    """Objects by key; every call raises Unavailable where the store does not serve."""

    def put(self, key: str, body: BinaryIO, size: int, sha256: str, content_type: str) -> bool:
        """Write an object unless its key exists; say whether it was written.

        `body` is read from its beginning; `sha256` in hex. Raises ChecksumMismatch where the store received others.
        """
        ...

    def get(self, key: str) -> bytes:
        """Read a whole object; raises NoObject."""
        ...

    def list(self, prefix: str) -> Iterator[Stat]:
        """List the objects whose keys begin with `prefix`, in order of their keys."""
        ...


@dataclass(slots=True)
class MemoryStore:
    """A store in memory for tests and for users' tests; keeps the contract above."""

    objects: dict[str, bytes] = field(default_factory=dict)
    content_types: dict[str, str] = field(default_factory=dict)

    def put(self, key: str, body: BinaryIO, size: int, sha256: str, content_type: str) -> bool:
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
        return True

    def get(self, key: str) -> bytes:
        """Read a whole object."""
        try:
            return self.objects[key]
        except KeyError as error:
            raise NoObject(key) from error

    def list(self, prefix: str) -> Iterator[Stat]:
        """List the objects whose keys begin with `prefix`."""
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield Stat(key, len(self.objects[key]))
