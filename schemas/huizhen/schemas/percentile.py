"""The one way in which percentiles are taken: the nearest rank, so that each is a value that was seen."""

from collections.abc import Iterable
from typing import TypeVar

N = TypeVar("N", int, float)


def percentile(values: Iterable[N], share: float) -> N | None:
    """Give the value below which `share` (0 to 1) of the values lie; None of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None
