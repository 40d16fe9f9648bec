"""The newest events of one thing, so that a reader who was away a moment goes on where it stopped.

Each reader holds a cursor, not a queue: however many read, an event is kept once, and a slow reader costs nothing. One
that was away longer than the ring reaches begins anew with a snapshot. Ids are `topic/partition/offset` of the record.
"""

import asyncio
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as a reader gets it."""

    id: str
    kind: str
    data: object


class Ring:
    """At most `size` newest entries; whoever waits is woken by each."""

    def __init__(self, size: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=size)
        self._end = 0
        self._changed = asyncio.Event()

    @property
    def end(self) -> int:
        """The cursor behind the newest entry."""
        return self._end

    def append(self, entry: Entry) -> None:
        """Add an entry and wake whoever waits."""
        self._entries.append(entry)
        self._end += 1
        self.wake()

    def wake(self) -> None:
        """Wake whoever waits, without an entry."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def since(self, cursor: int) -> list[Entry] | None:
        """Give the entries from a cursor on; None where some of them are gone already."""
        behind = self._end - cursor
        if behind > len(self._entries):
            return None
        return list(self._entries)[len(self._entries) - behind :]

    def after(self, entry_id: str) -> int | None:
        """Give the cursor behind the entry of that id; None where it is gone or was never here."""
        for back, entry in enumerate(reversed(self._entries)):
            if entry.id == entry_id:
                return self._end - back
        return None

    async def changed(self, timeout_s: float) -> bool:
        """Wait for the next entry; False where none came in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True


class Rings:
    """Rings of the sessions somebody follows, made when first asked for; the longest unused goes first."""

    def __init__(self, rings_max: int, size: int) -> None:
        self._rings: dict[tuple[str, str], Ring] = {}
        self._max = rings_max
        self._size = size

    def follow(self, key: tuple[str, str]) -> Ring:
        """Give the ring of a session, making it where nobody followed yet."""
        ring = self._rings.pop(key, None) or Ring(self._size)
        self._rings[key] = ring
        while len(self._rings) > self._max:
            self._rings.pop(next(iter(self._rings))).wake()
        return ring

    def append(self, key: tuple[str, str], entry: Entry) -> None:
        """Add an entry where somebody follows."""
        ring = self._rings.get(key)
        if ring is not None:
            ring.append(entry)
