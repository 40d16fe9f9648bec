"""A growing set of frame numbers, kept as disjoint runs: a whole exam is a handful of them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Run = tuple[int, int]
"""First and last number, both belonging to it"""


class Numbers:
    """Frame numbers as sorted, disjoint, non-touching runs; memory follows the gaps, not the frames."""

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        self._count = 0
        for first, last in runs:
            self.add(first, last)

    def add(self, first: int, last: int | None = None) -> int:
        """Add the numbers `first` to `last` (one number when `last` is left out); return how many are new."""
        last = first if last is None else last
        if last < first:
            raise ValueError(f"a run from {first} to {last} is empty")
        low = bisect_left(self._lasts, first - 1)
        high = bisect_right(self._firsts, last + 1)
        before = sum(self._lasts[at] - self._firsts[at] + 1 for at in range(low, high))
        if low < high:
            first, last = min(first, self._firsts[low]), max(last, self._lasts[high - 1])
        self._firsts[low:high], self._lasts[low:high] = [first], [last]
        new = last - first + 1 - before
        self._count += new
        return new

    def __contains__(self, number: int) -> bool:
        at = bisect_left(self._lasts, number)
        return at < len(self._firsts) and self._firsts[at] <= number

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        for first, last in self.runs():
            yield from range(first, last + 1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Numbers) and self.runs() == other.runs()

    __hash__ = None  # type: ignore[assignment] # it grows

    def runs(self) -> list[Run]:
        """Give the runs in order."""
        return list(zip(self._firsts, self._lasts, strict=True))

    def touches(self, first: int, last: int) -> bool:
        """Say whether any number from `first` to `last` is in the set."""
        at = bisect_left(self._lasts, first)
        return at < len(self._firsts) and self._firsts[at] <= last

    def gaps(self, first: int, stop: int) -> list[Run]:
        """Give the runs of numbers from `first` up to, without, `stop` that are not in the set."""
        found: list[Run] = []
        at = bisect_left(self._lasts, first)
        while first < stop:
            begin = self._firsts[at] if at < len(self._firsts) else stop
            if begin > first:
                found.append((first, min(begin, stop) - 1))
            if begin >= stop:
                break
            first = self._lasts[at] + 1
            at += 1
        return found

    def within(self, first: int, stop: int) -> int:
        """Count the numbers of the set from `first` up to, without, `stop`."""
        return max(0, stop - first) - sum(last - begin + 1 for begin, last in self.gaps(first, stop))


def runs_of(numbers: Iterable[int]) -> list[Run]:
    """Give the runs of numbers that stand in rising order."""
    found: list[Run] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def union(*sets: Numbers) -> Numbers:
    """Give the numbers that are in any of the sets."""
    return Numbers(run for each in sets for run in each.runs())


def from_pairs(pairs: list[int]) -> Numbers:
    """Read runs written as first, last, first, last, …; what is no run is left out."""
    return Numbers((pairs[at], pairs[at + 1]) for at in range(0, len(pairs) - 1, 2) if 0 <= pairs[at] <= pairs[at + 1])
