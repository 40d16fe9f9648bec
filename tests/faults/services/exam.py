"""One session of the line: a capture process, its journals, and what came of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.faults.services.part import Part

ROWS, COLUMNS = 96, 160


@dataclass(frozen=True, slots=True)
class Load:
    """What a capture draws."""

    rate_hz: float = 20.0
    rows: int = ROWS
    columns: int = COLUMNS
    wait_stored_s: float = 600.0  # longer than the test waits: it says what is not stored


@dataclass(frozen=True, slots=True)
class Drawn:
    """A load, and which pictures it has."""

    load: Load
    seed: int


class Exam:
    """A capture of drawn frames until it is told that it is enough."""

    def __init__(
        self,
        session: str,
        folder: Path,
        env: Mapping[str, str],
        drawn: Drawn,
        *,
        is_cold: bool,
        state: Path | None = None,
    ) -> None:
        self.session = session
        load = self.load = drawn.load
        self.folder = folder
        self.state = state or folder / "state"
        exam = {
            "session": session, "rate_hz": load.rate_hz, "rows": load.rows, "columns": load.columns,
            "seed": drawn.seed, "wait_stored_s": load.wait_stored_s,
        }  # fmt: skip
        self.tenant = env["HUIZHEN_STATION__TENANT"]
        station = f"station-{session}"
        self._journal = self.state / "journal" / self.tenant / station
        own = {"HUIZHEN_TEST_EXAM": json.dumps(exam), "HUIZHEN_STATION__STATION": station}
        self.capture = Part("capture", folder, {**env, **own}, is_cold)
        self.capture.use_state(state)

    @property
    def journals(self) -> list[Path]:
        """Where its journals lie: what was wiped or trimmed was kept aside, what was not is where it is."""
        return [path for path in (self.folder / "kept", self._journal) if any(path.glob("*/*.hzj"))]

    @property
    def segments(self) -> list[Path]:
        """The files of the journal that stands, oldest first."""
        return sorted((self._journal / self.session).glob("*.hzj"))

    def enough(self) -> None:
        """Tell the source to end."""
        (self.folder / "enough").touch()

    def skew(self, seconds: float) -> None:
        """Set the station's clock wrong by so much, where the load says that it may be."""
        pending = self.folder / ".skew"
        pending.write_text(str(seconds))
        pending.rename(self.folder / "skew")

    @property
    def is_over(self) -> bool:
        """Say whether capture ended in order: Kafka has all, and the archive said that it is stored."""
        return self.capture.code == 0
