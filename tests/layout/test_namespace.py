"""Five source roots of one namespace package: one stray file would hide the others."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOTS = ("schemas", "producers", "stream-processors", "sinks", "api")
PARTS = {
    "schemas": ["schemas"],
    "producers": ["producers"],
    "stream-processors": ["processors"],
    "sinks": ["sinks"],
    "api": ["api", "cli"],
}


@pytest.mark.parametrize("root", ROOTS)
def test_nothing_makes_the_namespace_a_package(root: str) -> None:
    files = [path.name for path in (ROOT / root / "huizhen").iterdir() if path.is_file()]
    assert files == [], f"files directly in {root}/huizhen hide the other roots"


@pytest.mark.parametrize("root", ROOTS)
def test_every_part_is_a_typed_package_and_there_are_no_others(root: str) -> None:
    found = {path.name for path in (ROOT / root / "huizhen").iterdir() if path.name != "__pycache__"}
    assert found == set(PARTS[root])
    for part in PARTS[root]:
        assert (ROOT / root / "huizhen" / part / "__init__.py").is_file()
        assert (ROOT / root / "huizhen" / part / "py.typed").is_file()


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for root in ROOTS for path in (ROOT / root / "huizhen").rglob("*.py")}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []
