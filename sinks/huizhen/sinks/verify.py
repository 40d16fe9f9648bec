"""Read stored frames back and hold them to the ledger and to what was captured."""

import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydicom import dcmread
from pydicom.errors import InvalidDicomError

from huizhen.schemas import htj2k
from huizhen.schemas.errors import BadInput
from huizhen.schemas.events import LedgerEntry
from huizhen.schemas.reasons import Outcome
from huizhen.schemas.transcode import codestreams
from huizhen.sinks.private import Frames, read_private
from huizhen.sinks.store import NoObject, Store

Expected = Mapping[tuple[str, int], tuple[str, str]]
"""By source and frame number: the journal's digests of codestream and pixels"""


@dataclass(slots=True)
class ReadBack:
    """What was found in the archive; everything but the first two counts a fault."""

    stored: int = 0
    derived: int = 0
    object_mismatches: int = 0
    """Objects that are gone, unreadable, or not the bytes the ledger names"""
    frame_mismatches: int = 0
    """Codestreams whose digest is not the ledger's or not the journal's"""
    pixel_mismatches: int = 0
    """Frames whose decoded samples are not the captured ones"""

    @property
    def is_sound(self) -> bool:
        """Say whether all that was read is what was captured."""
        return not (self.object_mismatches or self.frame_mismatches or self.pixel_mismatches)


def read_back(store: Store, entries: Iterable[LedgerEntry], expected: Expected | None = None) -> ReadBack:
    """Read every stored frame of a ledger; compare codestreams and decoded pixels with ledger and `expected`."""
    found = ReadBack()
    by_object: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        if entry.outcome in (Outcome.STORED, Outcome.DERIVED):
            by_object.setdefault(entry.object_key, []).append(entry)
    for key, parts in sorted(by_object.items()):
        _read_object(store, key, parts, expected, found)
    return found


@dataclass(frozen=True, slots=True)
class _Opened:
    """An instance as read."""

    said: Frames
    codestreams: tuple[bytes, ...]

    def holds(self, index: int, number: int) -> bool:
        return index < min(len(self.codestreams), len(self.said.numbers)) and self.said.numbers[index] == number


def _read_object(store: Store, key: str, parts: list[LedgerEntry], expected: Expected | None, found: ReadBack) -> None:
    try:
        value = store.get(key)
        if any(hashlib.sha256(value).hexdigest() != part.object_sha256 for part in parts):
            raise ValueError(key)
        dataset = dcmread(io.BytesIO(value))
        opened = _Opened(read_private(dataset), tuple(codestreams(dataset)))
    except (NoObject, BadInput, InvalidDicomError, ValueError):
        found.object_mismatches += 1
        return
    for part in parts:
        for index, digest in enumerate(part.frame_digests, part.index):
            number = part.first + index - part.index
            if not opened.holds(index, number):
                found.frame_mismatches += 1
            elif part.outcome == Outcome.DERIVED:
                found.derived += 1
                found.frame_mismatches += _digest(opened.codestreams[index]) != digest
            else:
                _compare(opened, index, (digest, opened.said.pixel_digests[index]), found)
                journal = (expected or {}).get((part.source, number))
                if expected is not None and journal != (digest, opened.said.pixel_digests[index]):
                    found.frame_mismatches += 1


def _compare(opened: _Opened, index: int, digests: tuple[str, str], found: ReadBack) -> None:
    found.stored += 1
    frame = opened.codestreams[index]
    found.frame_mismatches += not _digest(frame) == digests[0] == opened.said.frame_digests[index]
    found.pixel_mismatches += _pixel_digest(frame) != digests[1]


def _digest(codestream: bytes) -> str:
    return hashlib.sha256(codestream).hexdigest()


def _pixel_digest(codestream: bytes) -> str:
    try:
        pixels = htj2k.decode(codestream)
    except BadInput:
        return ""
    return hashlib.sha256(pixels.astype(pixels.dtype.newbyteorder("<"), copy=False).tobytes()).hexdigest()
