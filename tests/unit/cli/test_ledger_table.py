from huizhen.cli.ledger_table import COLUMNS, line, rows
from huizhen.schemas.events import LedgerEntry, SealReport


def entry(first: int, last: int, outcome: str, reason: str = "") -> LedgerEntry:
    return LedgerEntry("clinic", "exam-1", "probe", first, last, outcome, 1, reason)


ENTRIES = [
    entry(2, 17_999, "stored"),
    entry(0, 1, "rejected", "frame_size_changed"),
    entry(5, 6, "missing", "unexplained"),
]


def test_the_line_says_what_became_of_all_frames_and_why() -> None:
    report = SealReport("clinic", "exam-1", 1, "producer", 18_000, 17_998, 2, 0, 0)
    assert line(report, ENTRIES) == "captured 18,000, stored 17,998 exact, 2 rejected: frame_size_changed"


def test_the_line_of_an_exam_with_holes_names_each_reason() -> None:
    report = SealReport("clinic", "exam-1", 1, "producer", 4, 1, 0, 3, 1)
    entries = [entry(0, 0, "stored"), entry(1, 2, "missing", "spool_full"), entry(3, 3, "missing", "spool_torn")]
    assert line(report, entries) == "captured 4, stored 1 exact, 3 missing: spool_full, spool_torn, 1 kept as filled"


def test_rows_stand_in_order_of_their_frames() -> None:
    assert [row[list(COLUMNS).index("first")] for row in rows(ENTRIES)] == [0, 2, 5]
