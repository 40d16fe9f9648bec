"""Which records may be acknowledged: in source order, key interval by key interval, only after delivery.

Theory of operation. Faust commits past a record that is still in flight when acknowledgements come out of order, so
they are given here in the order of the partition. A record carries a *hold*: the frames of one key interval share one,
a refused or late record has its own. A hold is free when everything that was made of its records is delivered and, for
the newest interval of a source, when a newer key frame has begun or the source is silent. So a worker that is killed
reads again from a key frame and can put unchanged tiles back.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from huizhen.schemas.errors import Bug

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class Hold:
    """What keeps records from being acknowledged: debts not paid, or an interval that is still needed."""

    kept: bool = False
    """Whether a restarted worker would need these records to understand the next ones"""
    owed: int = 0
    """Frames and refusals that are not delivered yet"""

    def owe(self) -> None:
        """Promise one more delivery."""
        self.owed += 1

    def pay(self) -> None:
        """Say that a promised delivery is done; raises Bug where nothing was owed."""
        if self.owed < 1:
            raise Bug("a hold was paid more often than it owed")
        self.owed -= 1

    @property
    def is_free(self) -> bool:
        """Say whether its records may be acknowledged."""
        return self.owed == 0 and not self.kept


@dataclass(slots=True)
class PartitionAcks(Generic[T]):
    """The records of one partition that are not acknowledged yet, oldest first; `T` is what acknowledges one."""

    newest: int = -1
    _waiting: deque[tuple[Hold, T]] = field(default_factory=deque)

    def is_rewound(self, offset: int) -> bool:
        """Say whether the partition is read again from an earlier offset, after which all of it must be forgotten."""
        return offset <= self.newest

    def arrived(self, offset: int, hold: Hold, token: T) -> None:
        """Take the next record; raises Bug where its offset does not rise."""
        if self.is_rewound(offset):
            raise Bug(f"offset {offset} came after {self.newest}")
        self.newest = offset
        self._waiting.append((hold, token))

    def freed(self) -> Iterator[T]:
        """Give, once each and in order, the records that may be acknowledged now."""
        while self._waiting and self._waiting[0][0].is_free:
            yield self._waiting.popleft()[1]

    def __len__(self) -> int:
        return len(self._waiting)
