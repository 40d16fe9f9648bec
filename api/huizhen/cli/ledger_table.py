"""What the ledger says of a session: one line for people, rows for spreadsheets. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

from huizhen.schemas.account import Account, Reasons, summed
from huizhen.schemas.events import LedgerEntry, SealReport
from huizhen.schemas.reasons import Outcome

COLUMNS: dict[str, type[str] | type[int]] = {
    "tenant": str, "session": str, "source": str, "first": int, "last": int, "outcome": str, "reason": str,
    "at_ns": int, "sop_instance_uid": str, "series_instance_uid": str, "object_key": str, "object_sha256": str,
    "index": int, "topic": str, "partition": int, "offset": int,
}  # fmt: skip
"""Of an entry; frame digests are in the manifest and in the object itself"""


def line(report: SealReport, entries: Iterable[LedgerEntry]) -> str:
    """Write `captured 18,000, stored 17,998 exact, 2 rejected: frame_size_changed`."""
    reasons: dict[str, Reasons] = {}
    for entry in entries:
        reasons.setdefault(entry.source, Reasons()).take(entry)
    return Account(
        report.captured,
        report.stored,
        report.rejected,
        report.missing,
        report.derived,
        summed(reasons.values(), Outcome.REJECTED),
        summed(reasons.values(), Outcome.MISSING),
    ).sentence


def rows(entries: Iterable[LedgerEntry]) -> Iterator[list[Any]]:
    """Give the entries as rows of COLUMNS, by source, first number and outcome."""
    for entry in sorted(entries, key=lambda each: (each.source, each.first, each.outcome)):
        yield [getattr(entry, name) for name in COLUMNS]
