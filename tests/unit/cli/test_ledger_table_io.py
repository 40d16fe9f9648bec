"""The written files, read back by a reader of the same family; arro3 wraps Apache's own implementation."""

import csv
from pathlib import Path

import pytest
from arro3.io import read_parquet

from huizhen.cli.ledger_table import COLUMNS
from huizhen.cli.ledger_table_io import write_csv, write_table
from huizhen.schemas.events import LedgerEntry

ENTRIES = [
    LedgerEntry("clinic", "exam-1", "probe", 2, 9, "stored", 1 << 60, object_key="clinic/a, b.dcm", index=3),
    LedgerEntry("clinic", "exam-1", "probe", 0, 1, "rejected", 5, "frame_size_changed", topic="t", offset=1 << 40),
]


def test_parquet_holds_every_entry_with_its_types_in_order_of_frames(tmp_path: Path) -> None:
    write_table(tmp_path / "ledger.parquet", ENTRIES)
    table = read_parquet(str(tmp_path / "ledger.parquet")).read_all()
    found = {name: table[name].to_pylist() for name in table.column_names}
    assert list(found) == list(COLUMNS)
    assert (found["first"], found["last"], found["outcome"]) == ([0, 2], [1, 9], ["rejected", "stored"])
    assert (found["at_ns"], found["offset"]) == ([5, 1 << 60], [1 << 40, ENTRIES[0].offset])
    assert found["object_key"] == ["", "clinic/a, b.dcm"]


def test_a_session_without_entries_is_a_table_without_rows(tmp_path: Path) -> None:
    write_table(tmp_path / "ledger.parquet", [])
    table = read_parquet(str(tmp_path / "ledger.parquet")).read_all()
    assert (table.num_rows, table.column_names) == (0, list(COLUMNS))


def test_csv_holds_the_same(tmp_path: Path) -> None:
    write_csv(tmp_path / "ledger.csv", ENTRIES)
    with (tmp_path / "ledger.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["first"], row["reason"], row["object_key"]) for row in rows] == [
        ("0", "frame_size_changed", ""),
        ("2", "", "clinic/a, b.dcm"),
    ]


def test_a_file_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    for write in (write_csv, write_table):
        with pytest.raises(OSError, match="directory"):
            write(tmp_path / "nowhere" / "ledger", ENTRIES)
