"""What comes in: a record as Kafka gave it, and the packet it was found to be."""

from dataclasses import dataclass

from huizhen.schemas.packet import Body, Section
from huizhen.schemas.record import PacketMeta


@dataclass(frozen=True, slots=True)
class Arrived:
    """A record of `packets` or `backfill`, nothing of it trusted."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes
    headers: tuple[tuple[str, bytes | None], ...]
    value: bytes


@dataclass(frozen=True, slots=True)
class Packet:
    """A record that was parsed and belongs to an announced session and a declared geometry."""

    record: Arrived
    meta: PacketMeta
    body: Body | None
    """None: a notice of what was not sent"""
    not_sent: tuple[int, ...] = ()
    is_backfill: bool = False

    @property
    def number(self) -> int:
        """The frame's number."""
        return int(self.meta.head.frame.number)

    @property
    def is_notice(self) -> bool:
        """Say whether it only tells what was not sent."""
        return self.meta.section is Section.NOT_SENT
