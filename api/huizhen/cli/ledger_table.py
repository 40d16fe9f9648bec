"""What the ledger says of a session: one line for people, rows for spreadsheets. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from huizhen.schemas.events import LedgerEntry, SealReport
from huizhen.schemas.ranges import Ranges, union
from huizhen.schemas.reasons import Outcome

COLUMNS = (
    "tenant", "session", "source", "first", "last", "outcome", "reason", "at_ns", "sop_instance_uid",
    "series_instance_uid", "object_key", "object_sha256", "index", "topic", "partition", "offset",
)  # fmt: skip
"""Of an entry; frame digests are in the manifest and in the object itself"""


def line(report: SealReport, entries: Iterable[LedgerEntry]) -> str:
    """Write `captured 18,000, stored 17,998 exact, 2 rejected: frame_size_changed`."""
    reasons = reasons_of(entries)
    pieces = [f"captured {report.captured:,}", f"stored {report.stored:,} exact"]
    for outcome, count in ((Outcome.REJECTED, report.rejected), (Outcome.MISSING, report.missing)):
        if count:
            why = ", ".join(sorted(reasons[outcome]))
            pieces.append(f"{count:,} {outcome}" + (f": {why}" if why else ""))
    if report.derived:
        pieces.append(f"{report.derived:,} kept as filled")
    return ", ".join(pieces)


def reasons_of(entries: Iterable[LedgerEntry]) -> dict[Outcome, Counter[str]]:
    """Count frames by outcome and reason, leaving out those that became better: stored, before that rejected."""
    listed = list(entries)
    sets: dict[tuple[str, Outcome], Ranges] = {}
    for entry in listed:
        sets.setdefault((entry.source, Outcome(entry.outcome)), Ranges()).add(entry.first, entry.last)
    found: dict[Outcome, Counter[str]] = {Outcome.REJECTED: Counter(), Outcome.MISSING: Counter()}
    for entry in listed:
        outcome = Outcome(entry.outcome)
        if outcome not in found:
            continue
        worse = (Outcome.STORED,) if outcome is Outcome.REJECTED else (Outcome.STORED, Outcome.REJECTED)
        better = union(*(sets.get((entry.source, each), Ranges()) for each in worse))
        left = sum(last - first + 1 for first, last in better.gaps(entry.first, entry.last + 1))
        if left:
            found[outcome][entry.reason] += left
    return found


def rows(entries: Iterable[LedgerEntry]) -> Iterator[list[Any]]:
    """Give the entries as rows of COLUMNS, by source, first number and outcome."""
    for entry in sorted(entries, key=lambda each: (each.source, each.first, each.outcome)):
        yield [getattr(entry, name) for name in COLUMNS]
