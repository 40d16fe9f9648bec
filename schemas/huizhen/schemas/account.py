"""What became of a session's frames in one sentence, and the reasons behind it. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from huizhen.schemas.events import LedgerEntry
from huizhen.schemas.ranges import Ranges, union
from huizhen.schemas.reasons import Outcome

BETTER: dict[str, tuple[Outcome, ...]] = {
    Outcome.REJECTED: (Outcome.STORED,),
    Outcome.MISSING: (Outcome.STORED, Outcome.REJECTED),
}
"""Per outcome that wants a reason: the outcomes that beat it"""


class Reasons:
    """Folds the ledger entries of one source; a second time, and in any order, they change nothing."""

    def __init__(self) -> None:
        self._frames: dict[tuple[str, str], Ranges] = {}

    def take(self, entry: LedgerEntry) -> None:
        """Take an entry; an empty run is passed over."""
        if entry.first <= entry.last:
            reason = entry.reason if entry.outcome in BETTER else ""
            self._frames.setdefault((entry.outcome, reason), Ranges()).add(entry.first, entry.last)

    def counts(self, outcome: Outcome) -> Counter[str]:
        """Count the frames that ended so by reason, without those that became better."""
        taken = union(*(frames for (name, _), frames in self._frames.items() if name in BETTER[outcome]))
        found = {why: len(frames.without(taken)) for (name, why), frames in self._frames.items() if name == outcome}
        return Counter({why: count for why, count in found.items() if why and count})


@dataclass(frozen=True, slots=True)
class Account:
    """Frames of a session by what became of them, and why, by reason."""

    captured: int
    stored: int
    rejected: int
    missing: int
    derived: int
    rejected_reasons: Mapping[str, int]
    missing_reasons: Mapping[str, int]

    @property
    def sentence(self) -> str:
        """Write `captured 18,000, stored 17,998 exact, 2 rejected: frame_size_changed`."""
        pieces = [f"captured {self.captured:,}", f"stored {self.stored:,} exact"]
        for what, count, reasons in (
            (Outcome.REJECTED, self.rejected, self.rejected_reasons),
            (Outcome.MISSING, self.missing, self.missing_reasons),
        ):
            if count:
                why = ", ".join(sorted(reasons))
                pieces.append(f"{count:,} {what}" + (f": {why}" if why else ""))
        if self.derived:
            pieces.append(f"{self.derived:,} kept as filled")
        return ", ".join(pieces)


def summed(reasons: Iterable[Reasons], outcome: Outcome) -> dict[str, int]:
    """Add up the reasons of several sources."""
    return dict(sum((each.counts(outcome) for each in reasons), Counter[str]()))
