"""What older Pythons among those we support do otherwise."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("schemas", "producers", "stream-processors", "sinks", "api")


def test_nothing_is_raised_in_except_star() -> None:
    """What is raised there comes as a group on Debian 12's Python 3.11.2, and bare from 3.11.4 on."""
    files = [path for root in SOURCES for path in (ROOT / root / "huizhen").rglob("*.py")]
    assert len(files) > 100
    stars = (node for path in files for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.TryStar))
    raised = [node for star in stars for handler in star.handlers for node in ast.walk(handler)]
    assert [node.lineno for node in raised if isinstance(node, ast.Raise)] == []
