"""The checker reads journals by itself, whatever their writer does."""

from pathlib import Path

from huizhen.cli.ledger_check.history import Captured, Session
from huizhen.cli.ledger_check.journal_io import frames_of, read_journals
from huizhen.producers.journal import Entry, Kind, write_record


def record(number: int, kind: Kind = Kind.FRAME) -> bytes:
    return write_record(Entry(kind, "probe", number, 0, 1, 1, bytes([number]) * 32, b"p" * 32), b"x" * 50)


def test_frames_are_read_with_their_digests_and_other_records_passed_over(tmp_path: Path) -> None:
    (tmp_path / "exam-1").mkdir()
    data = write_record(Entry(Kind.STATE), b"{}") + record(0) + record(1, Kind.FAILED)
    (tmp_path / "exam-1" / "0.hzj").write_bytes(data)
    sessions: dict[tuple[str, str], Session] = {}
    read_journals(tmp_path, "clinic", sessions)
    source = sessions["clinic", "exam-1"].sources["probe"]
    pixels = (b"p" * 32).hex()
    assert source.captured == {0: Captured("00" * 32, pixels), 1: Captured("01" * 32, pixels, readable=False)}
    assert (source.has_journal, source.frames) == (True, 2)


def test_damage_hides_the_damaged_frame_alone() -> None:
    good = record(0) + record(1) + record(2)
    size = len(record(0))
    bad = good[: size + 30] + b"\xff" + good[size + 31 :]
    assert [number for _, number, _ in frames_of(bad)] == [0, 2]
    assert [number for _, number, _ in frames_of(good[:-1])] == [0, 1]
