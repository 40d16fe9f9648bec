"""What came of one exam: the checker's verdict, and how long it took to settle."""

from dataclasses import dataclass

from huizhen.cli.ledger_check.judge import Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """An exam whose ledger adds up."""

    verdict: Verdict
    settled_s: float
    """From the last frame to all stored, sealed and confirmed"""
