"""What a running `huizhen up` writes down, so that `status`, `down` and the other commands find it."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT = 1


@dataclass(frozen=True, slots=True)
class PartState:
    """One part as last seen."""

    name: str
    phase: str
    pid: int | None
    started_at_s: float | None
    """When its process was created (Unix time), to tell it from a later process with the same number"""
    restarts: int
    address: str
    log: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunState:
    """The whole deployment as last seen."""

    pid: int
    started_at_s: float
    page: str
    kafka: str
    s3: str
    parts: tuple[PartState, ...] = ()
    notice: str = ""
    connection: dict[str, str] = field(default_factory=dict)
    """How Kafka and S3 are reached, as environment variables, without secrets"""

    @property
    def all_well(self) -> bool:
        """Whether every part serves or has done its work."""
        return bool(self.parts) and all(part.phase in ("healthy", "done") for part in self.parts)


def to_json(state: RunState) -> str:
    """Write the state as JSON."""
    return json.dumps({"format": FORMAT, **asdict(state)}, indent=2)


def from_json(text: str) -> RunState | None:
    """Read the state back; None for anything that is not one of ours."""
    try:
        found: dict[str, Any] = json.loads(text)
        if found.pop("format") != FORMAT:
            return None
        parts = tuple(PartState(**part) for part in found.pop("parts"))
        return RunState(**found, parts=parts)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
