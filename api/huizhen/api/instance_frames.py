"""Cut frames out of stored instances: the codestreams as they were captured, without DICOM's padding.

The newest instances stay in memory, so that a clip of 128 frames reads its object once.
"""

import asyncio
import io
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError

from huizhen.api.problem import Problem
from huizhen.schemas.private_block import CREATOR, GEOMETRY, GROUP
from huizhen.schemas.transcode import codestreams

KEPT_BYTES_MAX = 48 << 20  # instances kept for the next frame; the longest unused go first
Fetch = Callable[[str, str], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """One frame of a stored instance."""

    codestream: bytes
    geometry: int | None
    """The geometry its instance names; None where it names none"""


@dataclass(frozen=True, slots=True)
class _Cut:
    frames: list[bytes]
    geometry: int | None


class InstanceFrames:
    """Frames of instances by object key."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._kept: dict[str, _Cut] = {}
        self._bytes = 0
        self._locks: dict[str, asyncio.Lock] = {}

    async def frame(self, key: str, sha256: str, number: int) -> StoredFrame:
        """Give frame `number`, from 1; raises Problem 404 where there is none, 502 where the instance is damaged."""
        async with self._locks.setdefault(key, asyncio.Lock()):
            found = self._kept.pop(key, None)
            if found is None:
                found = await asyncio.to_thread(_cut, await self._fetch(key, sha256))
                self._bytes += sum(map(len, found.frames))
            self._kept[key] = found
        self._locks.pop(key, None)
        self._bound()
        if not 1 <= number <= len(found.frames):
            raise Problem(404, f"the instance has frames 1 to {len(found.frames)}")
        return StoredFrame(found.frames[number - 1], found.geometry)

    def _bound(self) -> None:
        while self._bytes > KEPT_BYTES_MAX and len(self._kept) > 1:
            self._bytes -= sum(map(len, self._kept.pop(next(iter(self._kept))).frames))


def _cut(content: bytes) -> _Cut:
    try:
        dataset = dcmread(io.BytesIO(content))
        return _Cut(list(codestreams(dataset)), _geometry(dataset))
    except (InvalidDicomError, ValueError, AttributeError, KeyError, TypeError, EOFError) as error:
        raise Problem(502, "an object is no instance of the archive; it is not shown") from error


def _geometry(dataset: Dataset) -> int | None:
    try:
        (number,) = struct.unpack("<q", dataset.private_block(GROUP, CREATOR)[GEOMETRY].value)
    except (KeyError, struct.error, TypeError):  # written by others: its coding tells
        return None
    return int(number)
