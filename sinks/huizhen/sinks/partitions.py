"""Which partitions of the frame topics this worker reads, how far, and so which sessions are its own.

A session is at its end where all partitions that carry it are read to their end, or where what was read last is fresh:
a busy partition is never quite at its end, but it is not behind either.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from aiokafka.partitioner import murmur2

from huizhen.sinks.archive import Reading

FRESH_S = 5.0
Place = tuple[str, int]
"""Topic and partition"""


def partition_of(key: str, partitions: int) -> int:
    """Give the partition of a key as `murmur2_random` spreads it."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)


@dataclass(slots=True)
class Partitions:
    """The assignment of one worker and its next offsets."""

    topics: tuple[str, ...]
    """Topics spread by session over all partitions"""
    count: int
    """Partitions of each"""
    next: dict[Place, int] = field(default_factory=dict)
    """Offset to be read next; its keys are the assignment"""
    stamped_s: dict[Place, float] = field(default_factory=dict)
    """Time of the record read last, seconds since 1970"""
    ends: dict[Place, tuple[int, int]] = field(default_factory=dict)
    """Low and high watermark as the client last saw them"""

    def assign(self, starts: dict[Place, int]) -> None:
        """Take partitions, each with the offset to be read first."""
        self.next |= starts

    def revoke(self, places: list[Place]) -> None:
        """Give partitions up."""
        for place in places:
            for kept in (self.next, self.stamped_s, self.ends):
                kept.pop(place, None)

    def read(self, place: Place, offset: int, stamped_s: float) -> None:
        """Note a record as handled."""
        self.next[place] = offset + 1
        self.stamped_s[place] = stamped_s

    def reading(self, session: str, now_s: float) -> Reading:
        """Say how this worker stands to a session's records; `now_s` in seconds since 1970."""
        partition = partition_of(session, self.count)
        places = [(topic, partition) for topic in self.topics]
        if any(place not in self.next for place in places):
            return Reading.NOT_OURS
        return Reading.BEHIND if any(self._is_behind(place, now_s) for place in places) else Reading.AT_END

    def _is_behind(self, place: Place, now_s: float) -> bool:
        low, high = self.ends.get(place, (0, -1))
        if high < 0:
            return True
        if max(self.next[place], low) >= high:
            return False
        return now_s - self.stamped_s.get(place, 0.0) > FRESH_S

    def is_read_to_end(self, topic: str) -> bool:
        """Say whether nothing waits in this worker's partitions of a topic."""
        ours = [place for place in self.next if place[0] == topic]
        return all(max(self.next[place], self.ends.get(place, (0, -1))[0]) >= self._end(place) for place in ours)

    def _end(self, place: Place) -> float:
        high = self.ends.get(place, (0, -1))[1]
        return high if high >= 0 else float("inf")

    def to_commit(self, waiting: Iterable[tuple[Place, int]]) -> dict[Place, int]:
        """Give the offsets that are safe to commit: those of what waits are read again after a crash."""
        safe = dict(self.next)
        for place, offset in waiting:
            if place in safe:
                safe[place] = min(safe[place], offset)
        return safe
