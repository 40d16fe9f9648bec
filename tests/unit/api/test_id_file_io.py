"""Ids on disk."""

from pathlib import Path

from huizhen.api.id_file_io import IdFile


def test_codes_are_found_again_until_they_expire(tmp_path: Path) -> None:
    codes = IdFile(tmp_path / "api" / "used")
    assert codes.load(0) == {}
    codes.add("first", 100.0)
    codes.add("second", 200.5)
    again = IdFile(tmp_path / "api" / "used")
    assert again.load(150.0) == {"second": 201.0}
    assert (tmp_path / "api" / "used").read_text() == "201 second\n"
    assert (tmp_path / "api" / "used").stat().st_mode & 0o777 == 0o600


def test_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "used"
    path.write_text("300 whole\n30")
    assert IdFile(path).load(1.0) == {"whole": 300.0}
