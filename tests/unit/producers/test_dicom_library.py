"""Every file of pydicom's libraries has a known outcome, and its pixels agree bit for bit with another reader's."""

import pytest

from tests.unit.producers.dicom_library import TABLE, judged, library, read, row_of

ROWS = {row[0]: row for row in (line.split("\t") for line in TABLE.read_text().splitlines())}
DECODED = [name for name, row in ROWS.items() if row[1] == "decoded"]


def test_the_table_lists_every_file() -> None:
    assert sorted(ROWS) == sorted(library())
    assert len(DECODED) > 130


@pytest.mark.parametrize("name", ROWS)
def test_a_file_has_its_outcome(name: str) -> None:
    row = ROWS[name]
    assert row_of(name, library()[name]) == (row[:-1] if row[1] == "decoded" else row)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", DECODED)
def test_another_reader_gives_the_same_pixels(name: str) -> None:
    path = library()[name]
    agrees = judged(path, read(path))
    assert agrees == ROWS[name][-1]
    assert agrees in ("pydicom", "dcmtk")
