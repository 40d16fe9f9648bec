"""How much was fetched and is not taken yet: bounds memory in bytes and lets live records go first. Pure arithmetic.

Faust bounds its buffers in records (4096), which for 1 MB records would be 4 GB; so fetching stops here at a number of
bytes. A record that Faust drops in a rebalance is never taken: `clear`, and every moment in which a buffer is empty,
put the count right.
"""

from dataclasses import dataclass, field

INFLOW_BYTES_MAX = 8 << 20  # plus one poll, which is at most one fetch per partition


@dataclass(slots=True)
class Lane:
    """Records fetched and not taken yet."""

    records: int = 0
    bytes: int = 0


@dataclass(slots=True)
class Inflow:
    """Live and backfill records on their way from the fetcher to the agents."""

    backfill_topics: frozenset[str] = frozenset()
    live: Lane = field(default_factory=Lane)
    backfill: Lane = field(default_factory=Lane)

    def lane(self, topic: str) -> Lane:
        """Give the lane of a topic."""
        return self.backfill if topic in self.backfill_topics else self.live

    def fetched(self, topic: str, size: int) -> None:
        """Count a record that was fetched."""
        lane = self.lane(topic)
        lane.records += 1
        lane.bytes += size

    def taken(self, topic: str, size: int) -> None:
        """Count a record that an agent took."""
        lane = self.lane(topic)
        lane.records = max(0, lane.records - 1)
        lane.bytes = max(0, lane.bytes - size)

    def emptied(self, topic: str) -> None:
        """Start the lane of a topic again: its buffer is empty."""
        lane = self.lane(topic)
        lane.records = lane.bytes = 0

    def clear(self) -> None:
        """Start again: partitions were taken away, and the buffers with them."""
        self.live, self.backfill = Lane(), Lane()

    @property
    def has_room(self) -> bool:
        """Say whether more may be fetched."""
        return self.live.bytes + self.backfill.bytes < INFLOW_BYTES_MAX
