"""A frame that is being sent: its packets, how far it came, and what is not sent of it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256

from huizhen.producers.frame import Frame
from huizhen.producers.references import Plan
from huizhen.schemas.ids import SourceId
from huizhen.schemas.packet import Section, read_body, split, write_not_sent
from huizhen.schemas.record import FrameHead, PacketMeta


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a delivery report is about."""

    source: SourceId
    number: int
    size: int
    handed_at_ns: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record for `packets` or `backfill`; notices have no ticket: nobody waits for their delivery."""

    meta: PacketMeta
    value: bytes
    ticket: Ticket | None


@dataclass(slots=True)
class Sending:
    """The packets of one frame, in the order in which they go."""

    frame: Frame
    head: FrameHead
    plan: Plan
    packets: list[tuple[Section, bytes]]
    next: int = 0
    not_sent: list[int] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Say whether every packet was handed over or given up."""
        return self.next >= len(self.packets)

    @property
    def next_bytes(self) -> int:
        """Bytes of the next packet."""
        return len(self.packets[self.next][1])

    @property
    def is_detail(self) -> bool:
        """Say whether the next packet holds detail only."""
        return self.packets[self.next][0] is Section.DETAIL

    def hand_over(self, now_ns: int) -> Outgoing:
        """Take the next packet out."""
        section, value = self.packets[self.next]
        ticket = Ticket(self.frame.source, self.frame.number, len(value), now_ns)
        made = Outgoing(_meta(self.head, self.next, len(self.packets), section, value), value, ticket)
        self.next += 1
        return made

    def skip(self) -> None:
        """Give the next packet up."""
        self.not_sent.append(self.next)
        self.next += 1

    def give_up(self) -> None:
        """Give up what was not handed over."""
        self.not_sent += range(self.next, len(self.packets))
        self.next = len(self.packets)

    def incomplete_tiles(self) -> set[int]:
        """Name the tiles of which a part was given up."""
        return {part.tile for index in self.not_sent for part in read_body(self.packets[index][1]).parts}

    def notice(self) -> Outgoing:
        """Say what was given up."""
        return notice_of(self.head, len(self.packets), self.not_sent)


def begin(frame: Frame, head: FrameHead, plan: Plan, packets: int) -> Sending:
    """Cut a frame into packets: one, or base and details where `packets` is 5."""
    tiles = {tile: frame.tiles[tile] for tile in plan.tiles}
    return Sending(frame, head, plan, split(frame.header, tiles, plan.unchanged, packets))


def whole(frame: Frame, head: FrameHead, limit: int, now_ns: int) -> list[Outgoing]:
    """Make the records of a frame that goes late: every tile, in as few packets as `limit` bytes each allow."""
    plan = Plan(True, tuple(range(frame.header.tiles)), ())
    sending = Sending(frame, head, plan, split(frame.header, dict(enumerate(frame.tiles)), (), 1, limit))
    return [sending.hand_over(now_ns) for _ in sending.packets]


def notice_of(head: FrameHead, count: int, indexes: Collection[int]) -> Outgoing:
    """Say which packets of a frame's `count` are not sent live."""
    value = write_not_sent(indexes)
    return Outgoing(_meta(head, 0, count, Section.NOT_SENT, value), value, None)


def _meta(head: FrameHead, index: int, count: int, section: Section, value: bytes) -> PacketMeta:
    return PacketMeta(head, index, count, section, sha256(value).hexdigest())
