"""What could not be read is kept at the station, bounded, and goes only when it may."""

import os
from pathlib import Path

import pytest

from huizhen.producers import originals_io
from huizhen.producers.originals_io import Holdings, Originals

DAY_S = 86_400.0
KIB = 1 << 10


def make(root: Path, max_bytes: int = 64 * KIB) -> Originals:
    return Originals(root, max_bytes, 7 * DAY_S)


def age(root: Path, place: str, days: float, now_s: float = 1e9) -> None:
    os.utime(root / ".rejected" / place, (now_s - days * DAY_S,) * 2)


def test_an_original_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    place = make(tmp_path).keep("exam-1", "probe", 7, b"PatientName")
    path = tmp_path / ".rejected" / place
    assert (place, path.read_bytes()) == ("exam-1/probe-7", b"PatientName")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_originals_take_a_quarter_of_the_journals_limit_at_most(tmp_path: Path) -> None:
    originals = make(tmp_path)
    places = [originals.keep("exam-1", "probe", number, bytes(5 * KIB)) for number in range(5)]
    assert places == ["exam-1/probe-0", "exam-1/probe-1", "exam-1/probe-2", "", ""]
    assert originals.holdings == Holdings(1, 3, 15 * KIB) == make(tmp_path).holdings


def test_their_number_is_bounded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(originals_io, "FILES_MAX", 2)
    originals = make(tmp_path)
    assert [bool(originals.keep("exam-1", "probe", number, b"x")) for number in range(3)] == [True, True, False]


def test_originals_go_when_the_session_is_stored_and_their_days_are_over(tmp_path: Path) -> None:
    originals = make(tmp_path)
    for number, days in enumerate((8.0, 6.0)):
        age(tmp_path, originals.keep("stored", "probe", number, b"x"), days)
    age(tmp_path, originals.keep("not-stored", "probe", 0, b"x"), 400.0)
    originals.refresh(1e9)
    assert originals.holdings.files == 3, "nobody said that it is stored"
    originals.mark_stored("stored")
    originals.refresh(1e9)
    assert sorted(path.name for path in (tmp_path / ".rejected" / "stored").iterdir()) == [".stored", "probe-1"]
    originals.refresh(1e9 + 2 * DAY_S)
    assert [path.name for path in (tmp_path / ".rejected").iterdir()] == ["not-stored"]


def test_a_disk_that_refuses_keeps_nothing_half(tmp_path: Path) -> None:
    originals = make(tmp_path)
    (tmp_path / ".rejected").write_bytes(b"no folder")
    assert originals.keep("exam-1", "probe", 0, b"x") == ""


def test_marking_a_session_without_originals_makes_no_folder(tmp_path: Path) -> None:
    make(tmp_path).mark_stored("exam-1")
    assert list(tmp_path.iterdir()) == []
