"""What an engine takes in: a source's frames, or frames whose tiles were coded beforehand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from huizhen.producers.coder import Coded
from huizhen.producers.source import Captured, Description, Failed, Geometry


@dataclass(frozen=True, slots=True)
class Precoded:
    """A frame whose tiles were coded beforehand; only its number and times are new."""

    coded: Coded
    geometry: Geometry
    captured_at_ns: int
    monotonic_ns: int


Item = Captured | Failed | Precoded


class ItemSource(Protocol):
    """A Source, or one that replays coded frames."""

    @property
    def description(self) -> Description:
        """What the source is."""
        ...

    def frames(self) -> Iterator[Item]:
        """Yield frames in order at their own pace, until the source ends or is closed."""
        ...

    def close(self) -> None:
        """Release the source; frames() ends."""
        ...
