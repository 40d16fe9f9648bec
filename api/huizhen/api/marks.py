"""What became of every frame of a source: one byte of flags per frame, and their counts without a recount.

Verdicts and ledger entries come in any order, some twice (at-least-once delivery); flags only ever add, so a second
time changes nothing. Counts are read from a histogram over the 256 possible bytes.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

ASSEMBLED, EXACT, FILLED, INCOMPLETE, REJECTED, STORED, MISSING, DERIVED = (1 << bit for bit in range(8))
FRAMES_MAX = 1 << 22  # frames of one source: 38 hours at 30 frames/s, 4 MiB
TABLES = {flag: bytes(value | flag for value in range(256)) for flag in (1 << bit for bit in range(8))}


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """Frames of one source by what became of them."""

    assembled: int
    exact: int
    filled: int
    """Shown with filled tiles at least once; may have become exact since"""
    incomplete: int
    """Seen in part, never assembled"""
    rejected: int
    stored: int
    missing: int
    derived: int


class FrameMarks:
    """Flags of the frames of one source."""

    def __init__(self) -> None:
        self._flags = bytearray()
        self._histogram: Counter[int] = Counter()

    def add(self, first: int, last: int, flags: int) -> None:
        """Add flags to frames `first` to `last`; numbers from FRAMES_MAX on are not counted."""
        last = min(last, FRAMES_MAX - 1)
        if first > last:
            return
        if last >= len(self._flags):
            self._histogram[0] += last + 1 - len(self._flags)
            self._flags.extend(bytes(last + 1 - len(self._flags)))
        if first == last:
            self._add_one(first, flags)
            return
        old = bytes(self._flags[first : last + 1])
        new = old
        for flag, table in TABLES.items():
            new = new.translate(table) if flags & flag else new
        self._flags[first : last + 1] = new
        self._histogram.subtract(old)
        self._histogram.update(new)

    def _add_one(self, number: int, flags: int) -> None:
        old = self._flags[number]
        self._flags[number] = old | flags
        self._histogram[old] -= 1
        self._histogram[old | flags] += 1

    def counts(self) -> FrameCounts:
        """Count frames; stored beats rejected beats missing, derived stands beside."""

        def count(wanted: Callable[[int], object]) -> int:
            return sum(number for value, number in self._histogram.items() if wanted(value))

        return FrameCounts(
            assembled=count(lambda value: value & (ASSEMBLED | STORED)),
            exact=count(lambda value: value & (EXACT | STORED)),
            filled=count(lambda value: value & FILLED),
            incomplete=count(lambda value: value & INCOMPLETE and not value & (ASSEMBLED | STORED)),
            rejected=count(lambda value: value & REJECTED and not value & STORED),
            stored=count(lambda value: value & STORED),
            missing=count(lambda value: value & MISSING and not value & (STORED | REJECTED)),
            derived=count(lambda value: value & DERIVED),
        )
