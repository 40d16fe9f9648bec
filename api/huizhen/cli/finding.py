"""What the doctor finds: one line per thing, and the way out where something is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    ADVICE = "advice"
    """Something optional is missing"""
    WRONG = "wrong"
    """`huizhen up` will not work like this"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    thing: str
    level: Level
    says: str
    way_out: str = ""


def ok(thing: str, says: str) -> Finding:
    """Give a finding that is fine."""
    return Finding(thing, Level.OK, says)


def at_least(version: str, least: tuple[int, ...]) -> bool:
    """Tell whether a dotted version is new enough; text that is no version is not."""
    try:
        numbers = tuple(int(piece) for piece in version.lstrip("v").split("."))
    except ValueError:
        return False
    return numbers >= least


def clock(offset_s: float, limit_s: float, against: str) -> Finding:
    """Judge how far the machine's clock is from another one."""
    if abs(offset_s) <= limit_s:
        return ok("clock", f"within {limit_s:g} s of {against}")
    return Finding(
        "clock",
        Level.WRONG,
        f"{offset_s:+.1f} s against {against}",
        "synchronise it (systemd-timesyncd or chrony): signatures and tokens are refused by a wrong clock",
    )


def report(findings: Sequence[Finding]) -> list[str]:
    """Write the findings for people."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.level:<8}{finding.thing:<14}{finding.says}")
        if finding.way_out:
            lines.append(f"{'':<22}-> {finding.way_out}")
    return lines
