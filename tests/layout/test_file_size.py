"""Files stay small enough to be read at once."""

import statistics
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("schemas", "producers", "stream-processors", "sinks", "api")
LONGEST = 400
USUAL = 120


def lengths(folders: tuple[str, ...]) -> dict[str, int]:
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts]
    return {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}


def test_no_file_is_longer_than_400_lines() -> None:
    found = lengths((*SOURCES, "tests", "benchmarks"))
    assert {path: count for path, count in found.items() if count > LONGEST} == {}


def test_half_of_the_files_are_shorter_than_120_lines() -> None:
    found = lengths(SOURCES)
    assert statistics.median(count for count in found.values() if count > 1) < USUAL
