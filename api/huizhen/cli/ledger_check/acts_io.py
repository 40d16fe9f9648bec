"""Acts as who did them wrote them down: JSON lines of subject, route, method, session, outcome."""

import json
from pathlib import Path

from huizhen.cli.ledger_check.acts import Act
from huizhen.cli.ledger_check.repeat import Prints


def read_acts(path: Path) -> list[Act]:
    """Read a file of acts; raises OSError, ValueError, TypeError."""
    return [Act(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def read_prints(path: Path) -> Prints:
    """Read what sessions came to from an earlier run's JSON; raises OSError, ValueError, KeyError."""
    return {str(name): str(each) for name, each in json.loads(path.read_text(encoding="utf-8"))["prints"].items()}
