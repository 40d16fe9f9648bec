"""What the supervisor knows of a part before it starts: its command, its health check, what it needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Check = Callable[[], object]
"""Asks the part in its own protocol; raises Unavailable when it does not serve"""


@dataclass(frozen=True, slots=True)
class Part:
    """One supervised process, or one server outside that is only watched (no command)."""

    name: str
    command: tuple[str, ...]
    open: Check
    """Called after each start until it succeeds; may create what others rely on (topics, the bucket)"""
    check: Check
    """Called from then on"""
    address: str = ""
    needs: frozenset[str] = frozenset()
    env: Mapping[str, str] = field(default_factory=dict)
    grace_s: float = 4.0
    """How long it may take to end by itself"""
    tidy: Check | None = None
    """Called after its last end, to remove what it leaves outside its folder"""
    brings_data: bool = False
    """Held while the disk is low"""
    once: bool = False
    nice: int = 0
    """How far it stands back where processors are short (POSIX nice)"""
    vital: bool = False
    """Without it nothing works: when it cannot be started at all, everything ends"""

    def __post_init__(self) -> None:
        if self.name in self.needs:
            raise ValueError(f"part {self.name} cannot need itself")

    @property
    def outside(self) -> bool:
        """Whether it is somebody else's server."""
        return not self.command


def stop_order(parts: tuple[Part, ...]) -> list[list[Part]]:
    """Give the parts in the two steps in which they end: those that need others, then the servers they need.

    Two steps and no more, so that all of it ends within two graces.
    """
    return [[part for part in parts if part.needs], [part for part in parts if not part.needs]]
