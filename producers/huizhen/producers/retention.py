"""Which segments of the station's journals may go, and when there is room for another frame."""

from collections.abc import Iterable
from dataclasses import dataclass

from huizhen.schemas.reasons import MissingReason


@dataclass(frozen=True, slots=True)
class Holding:
    """A segment on disk."""

    session: str
    name: str
    size_bytes: int
    written_at_s: float
    """When it was last written, seconds since 1970"""
    delivered: bool
    """Kafka confirmed every frame in it"""
    active: bool
    """It is being written"""


@dataclass(frozen=True, slots=True)
class Budget:
    """What the journals may take."""

    max_bytes: int
    min_free_bytes: int
    max_age_s: float


def excess_bytes(used_bytes: int, free_bytes: int, wanted_bytes: int, budget: Budget) -> int:
    """Give how many bytes must go before `wanted_bytes` fit; 0 where they fit."""
    over_limit = used_bytes + wanted_bytes - budget.max_bytes
    over_disk = budget.min_free_bytes - (free_bytes - wanted_bytes)
    return max(0, over_limit, over_disk)


def removable(holdings: Iterable[Holding], excess: int) -> list[Holding]:
    """Choose delivered segments, oldest first, that free `excess` bytes; none where all of them would not be enough."""
    chosen: list[Holding] = []
    free = 0
    for holding in sorted(holdings, key=lambda one: (one.written_at_s, one.name)):
        if free >= excess:
            break
        if holding.delivered and not holding.active:
            chosen.append(holding)
            free += holding.size_bytes
    return chosen if free >= excess else []


def expired(holdings: Iterable[Holding], now_s: float, budget: Budget) -> list[Holding]:
    """Choose segments that were last written longer ago than the station may keep them, delivered or not."""
    return [h for h in holdings if not h.active and now_s - h.written_at_s > budget.max_age_s]


def alarm_of(used_bytes: int, free_bytes: int, wanted_bytes: int, budget: Budget) -> str:
    """Name the limit that leaves no room: `disk_full` where it is the machine's, else `spool_full`."""
    if free_bytes - wanted_bytes < budget.min_free_bytes:
        return "disk_full"
    return MissingReason.SPOOL_FULL if used_bytes + wanted_bytes > budget.max_bytes else ""
