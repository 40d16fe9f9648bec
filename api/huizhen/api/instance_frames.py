"""Cut frames out of stored instances: the codestreams as they were captured, without DICOM's padding.

The newest instances stay in memory, so that a clip of 128 frames reads its object once.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable

from pydicom import dcmread
from pydicom.errors import InvalidDicomError

from huizhen.api.problem import Problem
from huizhen.schemas.transcode import codestreams

KEPT_BYTES_MAX = 48 << 20  # instances kept for the next frame; the longest unused go first
Fetch = Callable[[str, str], Awaitable[bytes]]


class InstanceFrames:
    """Frames of instances by object key."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._kept: dict[str, list[bytes]] = {}
        self._bytes = 0
        self._locks: dict[str, asyncio.Lock] = {}

    async def frame(self, key: str, sha256: str, number: int) -> bytes:
        """Give frame `number`, from 1; raises Problem 404 where there is none, 502 where the instance is damaged."""
        async with self._locks.setdefault(key, asyncio.Lock()):
            frames = self._kept.pop(key, None)
            if frames is None:
                frames = await asyncio.to_thread(_cut, await self._fetch(key, sha256))
                self._bytes += sum(map(len, frames))
            self._kept[key] = frames
        self._locks.pop(key, None)
        self._bound()
        if not 1 <= number <= len(frames):
            raise Problem(404, f"the instance has frames 1 to {len(frames)}")
        return frames[number - 1]

    def _bound(self) -> None:
        while self._bytes > KEPT_BYTES_MAX and len(self._kept) > 1:
            self._bytes -= sum(map(len, self._kept.pop(next(iter(self._kept)))))


def _cut(content: bytes) -> list[bytes]:
    try:
        return list(codestreams(dcmread(io.BytesIO(content))))
    except (InvalidDicomError, ValueError, AttributeError, KeyError, TypeError, EOFError) as error:
        raise Problem(502, "an object is no instance of the archive; it is not shown") from error
