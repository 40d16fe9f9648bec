"""What a session's frames came to, as one digest: L6 compares it before and after a replay. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from huizhen.cli.ledger_check.history import Session
from huizhen.schemas.reasons import Outcome

Prints = Mapping[str, str]
"""By tenant/session: SHA-256 (hex) of what its frames came to"""


def prints_of(sessions: Iterable[Session]) -> dict[str, str]:
    """Give each session's print."""
    return {f"{each.tenant}/{each.session}": _print(each) for each in sessions}


def _print(session: Session) -> str:
    rolling = hashlib.sha256()
    for line in sorted(_lines(session)):
        rolling.update(line.encode() + b"\n")
    return rolling.hexdigest()


def _lines(session: Session) -> Iterator[str]:
    for name, source in session.sources.items():
        for held in source.held:
            yield f"{name} {held.number} {held.key} {held.frame_digest} {held.pixel_digest}"
        for number in {n for e in source.entries if e.outcome != Outcome.STORED for n in range(e.first, e.last + 1)}:
            outcomes = sorted({f"{e.outcome} {e.reason}" for e in source.entries if e.first <= number <= e.last})
            yield f"{name} {number} {outcomes}"


def changed(before: Prints, now: Prints) -> list[str]:
    """Name the sessions that came to something else than before."""
    return sorted(name for name, each in before.items() if now.get(name) != each)
