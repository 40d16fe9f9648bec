"""The station's journals together."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from huizhen.producers import spool_io
from huizhen.producers.journal import Entry, Kind, Stood
from huizhen.producers.journal_io import Journal
from huizhen.producers.journal_note import Note
from huizhen.producers.retention import Budget
from huizhen.producers.spool_io import Spool
from huizhen.schemas.errors import Refused, Unavailable
from huizhen.schemas.ranges import Ranges
from tests.services.waiting import wait_for

MIB = 1 << 20
PAYLOAD = bytes(100 << 10)
DIGEST = hashlib.sha256(PAYLOAD).digest()


def make(root: Path, max_bytes: int = MIB, min_free_bytes: int = 0, boot: str = "boot-1", days: float = 7) -> Spool:
    return Spool(root, Budget(max_bytes, min_free_bytes, days * 86_400), 0.01, boot)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = make(tmp_path)
    yield spool
    spool.close()


def begin(spool: Spool, session: str) -> Journal:
    journal = spool.open(session)
    spool.begin_epoch(journal)
    return journal


def append(spool: Spool, journal: Journal, number: int) -> bool:
    stood = spool.append(journal, Entry(Kind.FRAME, "probe", number, frame_digest=DIGEST), PAYLOAD)
    return stood is Stood.WHOLE


def ack(journal: Journal, first: int, last: int) -> None:
    journal.note(Note(acked={"probe": Ranges([(first, last)])}))


def test_the_newest_frame_is_refused_when_the_spool_is_full(spool: Spool) -> None:
    journal = spool.open("exam-1")
    stood = [append(spool, journal, number) for number in range(12)]
    assert stood == [True] * 10 + [False] * 2
    assert spool.alarm == "spool_full"
    assert spool.used_bytes <= MIB


def test_delivered_segments_make_room(spool: Spool) -> None:
    journal = spool.open("exam-1")
    assert all(append(spool, journal, number) for number in range(10))
    ack(journal, 0, 4)
    assert append(spool, journal, 10)
    assert spool.alarm == ""
    assert journal.read("probe", 0) is None
    assert journal.read("probe", 10) is not None


def test_the_disk_keeps_its_free_bytes(tmp_path: Path) -> None:
    spool = make(tmp_path, min_free_bytes=1 << 60)
    assert not append(spool, spool.open("exam-1"), 0)
    assert spool.alarm == "disk_full"
    spool.close()


def test_what_other_sessions_hold_counts(tmp_path: Path) -> None:
    first = make(tmp_path)
    journal = first.open("exam-1")
    assert all(append(first, journal, number) for number in range(8))
    first.close()
    second = make(tmp_path)
    assert second.left_behind() == ["exam-1"]
    new = second.open("exam-2")
    assert [append(second, new, number) for number in range(3)] == [True, True, False]
    old = second.open("exam-1")
    assert second.left_behind() == []
    ack(old, 0, 7)
    assert append(second, new, 3)
    second.close()


def test_a_second_start_takes_the_next_epoch_and_the_next_number(tmp_path: Path) -> None:
    spool = make(tmp_path)
    journal = begin(spool, "exam-1")
    assert journal.state.epoch == 0
    append(spool, journal, 0)
    spool.close()
    spool = make(tmp_path)
    assert spool.open("exam-1").state.epoch == 0, "looking at it is not sending"
    spool.close()
    spool = make(tmp_path)
    journal = begin(spool, "exam-1")
    assert (journal.state.epoch, journal.state.source("probe").next_number) == (1, 1)
    spool.close()


@pytest.mark.parametrize(
    ("boot", "ended", "expected"), [("boot-2", False, 17), ("boot-2", True, 1), ("boot-1", False, 1)]
)
def test_numbers_are_skipped_only_after_a_power_cut(tmp_path: Path, boot: str, ended: bool, expected: int) -> None:
    spool = make(tmp_path)
    journal = begin(spool, "exam-1")
    append(spool, journal, 0)
    journal.note(Note(ended=ended))
    spool.close()
    spool = make(tmp_path, boot=boot)
    journal = begin(spool, "exam-1")
    assert journal.state.source("probe").next_number == expected
    assert not journal.state.ended
    spool.close()


def test_a_stored_session_is_wiped_and_never_begun_again(spool: Spool, tmp_path: Path) -> None:
    journal = spool.open("exam-1")
    append(spool, journal, 0)
    spool.mark_stored(journal)
    assert not (tmp_path / "exam-1").exists()
    assert spool.used_bytes == 0
    with pytest.raises(Refused, match="choose another session id"):
        spool.open("exam-1")


def test_old_segments_go_and_their_undelivered_frames_are_counted(tmp_path: Path) -> None:
    spool = make(tmp_path, days=1)
    journal = spool.open("exam-1")
    for number in range(3):
        append(spool, journal, number)
    ack(journal, 1, 1)
    spool.refresh(lambda: journal.holdings()[0].written_at_s + 2 * 86_400)
    assert journal.state.source("probe").dropped == {"expired_before_publish": Ranges([(0, 0), (2, 2)])}
    assert not journal.state.source("probe").owed()
    spool.close()


def test_markers_of_stored_sessions_do_not_stay_for_ever(spool: Spool, tmp_path: Path) -> None:
    spool.mark_stored(spool.open("exam-1"))
    marker = tmp_path / ".stored" / "exam-1"
    spool.refresh(lambda: marker.stat().st_mtime + spool_io.STORED_KEPT_S - 1)
    assert marker.exists()
    spool.refresh(lambda: marker.stat().st_mtime + spool_io.STORED_KEPT_S + 1)
    assert not marker.exists()


def test_what_another_process_wipes_meanwhile_is_not_missed(
    spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "exam-1").mkdir()
    monkeypatch.setattr(Spool, "left_behind", lambda _: ["exam-1", "exam-gone"])
    spool.refresh()
    assert spool.used_bytes == 0
    spool.release(spool.open("exam-2"))


def test_a_marker_that_another_process_removes_meanwhile_is_not_missed(
    spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, iterdir = tmp_path / ".stored", Path.iterdir

    def with_a_ghost(folder: Path) -> Iterator[Path]:
        yield from iterdir(folder)
        yield folder / "exam-gone"

    stored.mkdir(exist_ok=True)
    monkeypatch.setattr(Path, "iterdir", with_a_ghost)
    spool.refresh()


def test_frames_are_synced_without_being_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr("huizhen.producers.journal_io.os.fdatasync", synced.append)
    spool = make(tmp_path)
    append(spool, spool.open("exam-1"), 0)
    wait_for(lambda: synced, 60, "the spool's thread syncs")
    spool.close()


def test_a_disk_that_fails_to_sync_raises_the_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(fd: int) -> None:
        raise OSError(5, "Input/output error")

    spool = make(tmp_path)
    spool.open("exam-1")
    monkeypatch.setattr("huizhen.producers.journal_io.os.fdatasync", fail)
    append(spool, spool.open("exam-2"), 0)
    wait_for(lambda: spool.alarm == "disk_full", 60, "the alarm")
    monkeypatch.undo()
    spool.close()


def test_a_session_that_another_process_writes_stays_its_own(spool: Spool, tmp_path: Path) -> None:
    other = make(tmp_path)
    other.open("exam-1")
    with pytest.raises(Unavailable, match="another capture"):
        spool.open("exam-1")
    other.close()


def test_the_machine_says_which_start_this_is() -> None:
    assert spool_io.boot_id() == spool_io.boot_id()
    assert os.linesep not in spool_io.boot_id()


def test_what_could_not_be_read_counts_and_outlives_the_journal_that_is_wiped(tmp_path: Path) -> None:
    spool = make(tmp_path)
    journal = begin(spool, "exam-1")
    before = spool.used_bytes
    place = spool.keep_original(journal, "probe", 3, bytes(1000))
    assert spool.used_bytes == before + 1000
    spool.mark_stored(journal)
    spool.refresh()
    assert (tmp_path / ".rejected" / place).read_bytes() == bytes(1000)
    assert spool.left_behind() == []
    spool.close()


def test_what_could_not_be_read_finds_no_room_in_a_full_spool(spool: Spool) -> None:
    journal = spool.open("exam-1")
    while append(spool, journal, journal.state.sources["probe"].next_number if journal.state.sources else 0):
        pass
    assert spool.keep_original(journal, "probe", 99, PAYLOAD) == ""
