"""Sets of frame numbers as inclusive ranges: a backlog of an hour is one pair, not a hundred thousand numbers."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Run = tuple[int, int]
"""First and last number, both belonging to it"""


class Ranges:
    """A growing and shrinking set of numbers, kept as sorted ranges that neither overlap nor touch."""

    def __init__(self, pairs: Iterable[Run] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in pairs:
            self.add(first, last)

    def add(self, first: int, last: int | None = None) -> None:
        """Add `first` to `last`, both included; `last` None adds one number."""
        last = first if last is None else last
        if last < first:
            raise ValueError(f"range {first} to {last} runs backwards")
        at = bisect_left(self._lasts, first - 1)
        end = bisect_right(self._firsts, last + 1)
        if at < end:
            first, last = min(first, self._firsts[at]), max(last, self._lasts[end - 1])
        self._firsts[at:end] = [first]
        self._lasts[at:end] = [last]

    def discard(self, first: int, last: int | None = None) -> None:
        """Take out `first` to `last`, both included, as far as they are in."""
        last = first if last is None else last
        at = bisect_left(self._lasts, first)
        end = bisect_right(self._firsts, last)
        if at >= end:
            return
        left = (self._firsts[at], first - 1)
        right = (last + 1, self._lasts[end - 1])
        kept = [pair for pair in (left, right) if pair[0] <= pair[1]]
        self._firsts[at:end] = [pair[0] for pair in kept]
        self._lasts[at:end] = [pair[1] for pair in kept]

    def update(self, other: "Ranges") -> None:
        """Add all of another set."""
        for first, last in other.pairs():
            self.add(first, last)

    def without(self, other: "Ranges") -> "Ranges":
        """Give what is in this set and not in the other."""
        left = Ranges(self.pairs())
        for first, last in other.pairs():
            left.discard(first, last)
        return left

    def within(self, first: int, last: int) -> "Ranges":
        """Give what of `first` to `last` is in."""
        found = Ranges(self.pairs())
        if found:
            found.discard(min(found._firsts[0], first - 1), first - 1)
            found.discard(last + 1, max(self._lasts[-1], last + 1))
        return found

    def pop(self) -> int:
        """Take the lowest number out; raises IndexError where there is none."""
        number = self._firsts[0]
        self.discard(number)
        return number

    def take_all(self) -> "Ranges":
        """Empty this set and give what it held."""
        held = Ranges()
        held._firsts, held._lasts = self._firsts, self._lasts
        self._firsts, self._lasts = [], []
        return held

    def pairs(self) -> list[Run]:
        """List the ranges, first and last number of each, in order."""
        return list(zip(self._firsts, self._lasts, strict=True))

    def flat(self) -> list[int]:
        """List first, last, first, last, … as the events carry them."""
        return [number for pair in self.pairs() for number in pair]

    def covers(self, first: int, last: int) -> bool:
        """Say whether all of `first` to `last` is in."""
        at = bisect_left(self._lasts, first)
        return at < len(self._lasts) and self._firsts[at] <= first and last <= self._lasts[at]

    def meets(self, first: int, last: int) -> bool:
        """Say whether any of `first` to `last` is in."""
        at = bisect_left(self._lasts, first)
        return at < len(self._lasts) and self._firsts[at] <= last

    def gaps(self, first: int, stop: int) -> list[Run]:
        """List the ranges of `first` up to, without, `stop` that are not in."""
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

    def __contains__(self, number: int) -> bool:
        return self.covers(number, number)

    def __iter__(self) -> Iterator[int]:
        for first, last in self.pairs():
            yield from range(first, last + 1)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in zip(self._firsts, self._lasts, strict=True))

    def __bool__(self) -> bool:
        return bool(self._firsts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and self.pairs() == other.pairs()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Ranges({self.pairs()})"


def runs_of(numbers: Iterable[int]) -> list[Run]:
    """Give the runs of numbers that stand in rising order."""
    found: list[Run] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def union(*sets: Ranges) -> Ranges:
    """Give the numbers that are in any of the sets."""
    return Ranges(run for each in sets for run in each.pairs())


def from_flat(numbers: list[int]) -> Ranges:
    """Read what `flat` made, from somebody not trusted; what is no run is left out."""
    pairs = zip(numbers[::2], numbers[1::2], strict=False)
    return Ranges((first, last) for first, last in pairs if 0 <= first <= last)
