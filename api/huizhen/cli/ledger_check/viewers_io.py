"""Histories of viewers, as the tests keep them: JSON lines of viewer, session, source and number."""

import json
from pathlib import Path

from huizhen.cli.ledger_check.history import Session


def read_viewers(path: Path, tenant: str, sessions: dict[tuple[str, str], Session]) -> None:
    """Read a file of viewers' histories; raises OSError, ValueError, KeyError."""
    for line in path.read_text(encoding="utf-8").splitlines():
        seen = json.loads(line)
        at = (str(seen.get("tenant", tenant)), str(seen["session"]))
        session = sessions.setdefault(at, Session(*at))
        session.viewers.setdefault(str(seen["viewer"]), []).append((str(seen["source"]), int(seen["number"])))
