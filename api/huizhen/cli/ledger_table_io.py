"""Write a session's ledger entries to a file: CSV for spreadsheets, Parquet for everything else."""

import csv
from collections.abc import Iterable
from pathlib import Path

from arro3.core import Array, DataType, Table
from arro3.io import write_parquet

from huizhen.cli.ledger_table import COLUMNS, rows
from huizhen.schemas.events import LedgerEntry

TYPES = {str: DataType.string(), int: DataType.int64()}


def write_csv(path: Path, entries: Iterable[LedgerEntry]) -> None:
    """Write entries as CSV (RFC 4180) with a header; raises OSError."""
    with path.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(COLUMNS)
        table.writerows(rows(entries))


def write_table(path: Path, entries: Iterable[LedgerEntry]) -> None:
    """Write entries as one Parquet file: numbers as int64, all else as text; raises OSError."""
    columns = list(zip(*rows(entries), strict=True)) or [()] * len(COLUMNS)
    named = zip(COLUMNS.items(), columns, strict=True)
    write_parquet(Table.from_pydict({name: Array(list(each), TYPES[kind]) for (name, kind), each in named}), str(path))
