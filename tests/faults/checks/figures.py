"""What a fault cost, as named figures, and the line that is printed of it."""

from dataclasses import dataclass

from huizhen.cli.ledger_check.judge import Verdict

CHANGED = ("L2", "L3")  # the checks that hold bytes against bytes


@dataclass(frozen=True, slots=True)
class Figures:
    """One fault played: the ledger's counts, and what it measured, by name with its unit."""

    captured: int
    stored: int
    rejected: int
    missing: int
    mismatched: int
    measured: dict[str, float]

    def as_text(self) -> str:
        """Write them in one line."""
        counts = f"captured {self.captured:,}, stored {self.stored:,}"
        more = [
            f"{name} {count:,}" for name, count in (("rejected", self.rejected), ("missing", self.missing)) if count
        ]
        said = [f"{name} {value:,.4g}" for name, value in self.measured.items()]
        return "; ".join([", ".join([counts, *more]), *said])


def figures_of(verdict: Verdict, **measured: float) -> Figures:
    """Put a verdict and what was measured together; names end in their unit."""
    mismatched = sum(found.check in CHANGED for found in verdict.findings)
    return Figures(verdict.captured, verdict.stored, verdict.rejected, verdict.missing, mismatched, measured)
