"""Files of patients from elsewhere: DICOM and plain text in the store, under institution and patient.

They were uploaded in a consultation, or put there by an import; the key names the digest of the content, so that a file
is there once. What a file is (its facts) is read when it is first listed and kept in memory.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from huizhen.api.file_shapes import TEXT_MAX_CHARS, FileFacts, Report
from huizhen.api.problem import Problem
from huizhen.schemas.ids import TenantId
from huizhen.schemas.keys import HEX, file_key, files_prefix

FILES_MAX = 64  # of one patient: a person reads the list
FACTS_MAX = 4_000  # files whose facts stay in memory, about 1 KiB each
TEXT_MAX_BYTES = 4 * TEXT_MAX_CHARS
DICOM, TEXT = "application/dicom", "text/plain"
SUFFIXES = {DICOM: "dcm", "application/octet-stream": "dcm", TEXT: "txt"}
"""By the media type of an upload; browsers do not know DICOM files by name"""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as a listing of the store tells it."""

    key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class File:
    """A file of a patient."""

    sha256: str
    stored: Stored
    facts: FileFacts


@dataclass(frozen=True, slots=True)
class Listed:
    """The files of a patient."""

    files: list[File]
    left_out: int
    """Files that cannot be read, or stand beyond FILES_MAX"""


class Store(Protocol):
    """What is needed of the store."""

    def get(self, key: str, sha256: str) -> Awaitable[bytes]:
        """Give an object."""
        ...

    def put(self, key: str, content: bytes, media_type: str) -> Awaitable[None]:
        """Write an object."""
        ...

    def under(self, prefix: str, limit: int) -> Awaitable[list[Stored]]:
        """List objects."""
        ...


class Reader(Protocol):
    """Reads files; raises Problem where one is refused."""

    def describe(self, content: bytes) -> Awaitable[FileFacts]:
        """Say what a DICOM file is."""
        ...

    def report(self, content: bytes) -> Awaitable[Report]:
        """Give the content of a report."""
        ...

    def document(self, content: bytes) -> Awaitable[bytes]:
        """Give the PDF in a file."""
        ...


class PatientFiles:
    """Files by institution, patient and digest."""

    def __init__(self, store: Store, reader: Reader) -> None:
        self._store = store
        self._reader = reader
        self._facts: dict[str, FileFacts] = {}

    async def listed(self, tenant: TenantId, scope: str) -> Listed:
        """List a patient's files; raises Unavailable."""
        stored = await self._store.under(files_prefix(tenant, scope), FILES_MAX + 1)
        found = [file for one in stored[:FILES_MAX] if (file := await self._file(one)) is not None]
        return Listed(found, len(stored) - len(found))

    async def find(self, tenant: TenantId, scope: str, sha256: str) -> File | None:
        """Give a patient's file, or None."""
        named = file_key(tenant, scope, sha256, "dcm").removesuffix("dcm")
        stored = await self._store.under(named, 1)
        return await self._file(stored[0]) if stored else None

    async def facts_of(self, content: bytes, suffix: str) -> FileFacts:
        """Say what a file is before it is kept; raises Problem 415 or 422."""
        if suffix == "dcm":
            return await self._reader.describe(content)
        text_of(content)
        return FileFacts(kind="text")

    async def put(self, key: str, content: bytes, facts: FileFacts) -> None:
        """Keep a file."""
        await self._store.put(key, content, TEXT if facts.kind == "text" else DICOM)
        self._remember(key, facts)

    async def content(self, file: File) -> bytes:
        """Give a file's bytes."""
        return await self._store.get(file.stored.key, file.sha256)

    async def report(self, file: File) -> Report:
        """Give the content of a report."""
        content = await self.content(file)
        if file.facts.kind == "text":
            return Report(kind="text", text=text_of(content))
        return await self._reader.report(content)

    async def document(self, file: File) -> bytes:
        """Give the PDF in a file."""
        return await self._reader.document(await self.content(file))

    async def _file(self, stored: Stored) -> File | None:
        name, _, suffix = stored.key.rpartition("/")[2].partition(".")
        if HEX.fullmatch(name) is None or suffix not in SUFFIXES.values():
            return None
        facts = self._facts.get(stored.key)
        if facts is None:
            try:
                facts = await self.facts_of(await self._store.get(stored.key, name), suffix)
            except Problem:  # damaged, or none that is shown: the list says how many were left out
                return None
            self._remember(stored.key, facts)
        return File(name, stored, facts)

    def _remember(self, key: str, facts: FileFacts) -> None:
        self._facts[key] = facts
        while len(self._facts) > FACTS_MAX:
            del self._facts[next(iter(self._facts))]


def text_of(content: bytes) -> str:
    """Give a text file's words; raises Problem 413 or 415."""
    if len(content) > TEXT_MAX_BYTES:
        raise Problem(413, f"a text has at most {TEXT_MAX_BYTES} bytes (TEXT_MAX_BYTES)")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem(415, "a text is in UTF-8") from None
    if any(ord(sign) < 32 and sign not in "\r\n\t\f" for sign in text):
        raise Problem(415, "this is no plain text")
    return text[:TEXT_MAX_CHARS]
