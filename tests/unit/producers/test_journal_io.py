"""A journal on a real disk: rotation, reading back, damage, full disks, other processes."""

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from huizhen.producers.delta import Bases
from huizhen.producers.journal import Entry, Kind, Stood
from huizhen.producers.journal_io import Journal
from huizhen.producers.journal_note import Note
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.ranges import Ranges
from tests.unit.producers.streams import coded

SEGMENT = 4096


def payload(number: int) -> bytes:
    return b"frame %d " % number * 60


def entry(number: int, source: str = "probe", kind: Kind = Kind.FRAME) -> Entry:
    return Entry(kind, source, number, 0, number, number, hashlib.sha256(payload(number)).digest(), b"\1" * 32)


def opened(folder: Path) -> Journal:
    return Journal(folder / "exam-1", "exam-1", SEGMENT)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = opened(tmp_path)
    yield journal
    journal.close()


def fill(journal: Journal, first: int, last: int) -> None:
    for number in range(first, last + 1):
        assert journal.append(entry(number), payload(number)) is Stood.WHOLE


def last_file(folder: Path) -> Path:
    return max((folder / "exam-1").glob("*.hzj"))


def test_every_frame_reads_back_across_segments(journal: Journal) -> None:
    fill(journal, 0, 40)
    assert len(journal.holdings()) > 3
    for number in [40, 0, 17, 39, 1, *range(41)]:
        assert journal.read("probe", number) == (entry(number), payload(number))
    assert journal.read("probe", 41) is None
    assert journal.read("screen", 0) is None


def test_a_journal_opened_again_goes_on_where_it_was(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    fill(journal, 0, 20)
    journal.note(Note(acked={"probe": Ranges([(0, 18)])}, ended=True))
    digest = journal.state.source("probe").digest
    journal.close()
    again = opened(tmp_path)
    assert (again.cut_bytes, again.damaged_bytes) == (0, 0)
    assert again.state.source("probe").digest == digest
    assert again.state.source("probe").owed() == Ranges([(19, 20)])
    fill(again, 21, 30)
    assert again.read("probe", 3) == (entry(3), payload(3))
    assert again.read("probe", 20) == (entry(20), payload(20))
    assert again.read("probe", 30) == (entry(30), payload(30))
    again.close()


def test_what_the_deleted_segments_said_is_still_known(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    fill(journal, 0, 20)
    journal.note(Note(epoch=3, acked={"probe": Ranges([(0, 20)])}))
    state_digest = journal.state.source("probe").digest
    fill(journal, 21, 30)
    for holding in journal.holdings()[:-1]:
        journal.remove(holding.name)
    digest = journal.state.source("probe").digest
    journal.close()
    again = opened(tmp_path)
    assert state_digest != digest == again.state.source("probe").digest
    assert again.state.epoch == 3
    assert again.state.source("probe").owed() == Ranges([(21, 30)])
    assert again.read("probe", 0) is None
    assert again.read("probe", 30) == (entry(30), payload(30))
    again.close()


def test_a_torn_tail_is_cut_and_counted(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    fill(journal, 0, 3)
    journal.close()
    path = last_file(tmp_path)
    os.truncate(path, path.stat().st_size - 5)
    again = opened(tmp_path)
    assert again.cut_bytes == segment_bytes_of(3) - 5
    assert again.state.source("probe").next_number == 3
    assert again.read("probe", 2) == (entry(2), payload(2))
    fill(again, 3, 3)
    assert again.read("probe", 3) == (entry(3), payload(3))
    again.close()


def segment_bytes_of(number: int) -> int:
    return 112 + len("probe") + len(payload(number))


def test_a_zero_filled_tail_is_cut_and_counted(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    fill(journal, 0, 2)
    journal.close()
    with last_file(tmp_path).open("ab") as file:
        file.write(bytes(5000))
    again = opened(tmp_path)
    assert (again.cut_bytes, again.damaged_bytes) == (5000, 0)
    assert again.state.source("probe").next_number == 3
    again.close()


def test_a_segment_of_zeros_alone_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "exam-1"
    folder.mkdir()
    (folder / "00000000.hzj").write_bytes(bytes(8192))
    journal = opened(tmp_path)
    assert journal.cut_bytes == 8192
    fill(journal, 0, 1)
    assert journal.read("probe", 1) == (entry(1), payload(1))
    journal.close()


def test_damage_in_the_middle_costs_that_frame_alone(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    fill(journal, 0, 2)
    journal.close()
    path = last_file(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data.replace(payload(1), payload(1)[:-1] + b"?"))
    again = opened(tmp_path)
    assert (again.cut_bytes, again.damaged_bytes) == (0, segment_bytes_of(1))
    assert again.state.source("probe").dropped["spool_torn"] == Ranges([(1, 1)])
    assert again.read("probe", 1) is None
    assert again.read("probe", 2) == (entry(2), payload(2))
    again.close()


def test_a_frame_that_rots_in_a_closed_segment_is_not_given_out(journal: Journal, tmp_path: Path) -> None:
    fill(journal, 0, 20)
    path = min((tmp_path / "exam-1").glob("*.hzj"))
    path.write_bytes(path.read_bytes().replace(payload(1), payload(1)[:-1] + b"?"))
    assert journal.read("probe", 0) == (entry(0), payload(0))
    assert journal.read("probe", 1) is None


STILL, MOVED = coded((0,) * 9), coded((0,) * 8 + (1,))


def append_delta(journal: Journal, number: int, base: int) -> Stood:
    bases = Bases()
    bases.whole(base, STILL)
    made = Entry(Kind.FRAME, "probe", number, frame_digest=MOVED.frame_digest)
    return journal.append(made, MOVED.stream, bases.delta(MOVED))


def append_whole(journal: Journal, number: int) -> Stood:
    return journal.append(Entry(Kind.FRAME, "probe", number, frame_digest=STILL.frame_digest), STILL.stream)


def test_a_frame_kept_as_a_difference_reads_back_whole(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "exam-1", "exam-1", 1 << 20)
    append_whole(journal, 0)
    before = journal.size_bytes
    assert append_delta(journal, 1, base=0) is Stood.DELTA
    assert journal.size_bytes - before < len(MOVED.stream) / 3
    journal.close()
    journal = Journal(tmp_path / "exam-1", "exam-1", 1 << 20)
    found = journal.read("probe", 1)
    assert found is not None
    assert found[1] == MOVED.stream
    journal.close()


def test_a_difference_never_leans_on_another_segment(journal: Journal) -> None:
    append_whole(journal, 0)
    assert append_delta(journal, 1, base=0) is Stood.WHOLE, "the segment was full"
    assert append_delta(journal, 2, base=0) is Stood.WHOLE
    assert len(journal.holdings()) == 3
    assert journal.read("probe", 2) is not None


def test_a_difference_whose_base_is_damaged_is_not_given_out(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "exam-1", "exam-1", 1 << 20)
    append_whole(journal, 0)
    append_delta(journal, 1, base=0)
    append_whole(journal, 2)
    path = last_file(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data.replace(STILL.stream, STILL.stream[:-3] + bytes(3), 1))
    assert journal.read("probe", 0) is None
    assert journal.read("probe", 1) is None
    assert journal.read("probe", 2) is not None
    journal.close()


def test_a_difference_put_on_the_wrong_frame_is_not_given_out(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "exam-1", "exam-1", 1 << 20)
    other = coded((2,) * 9)
    journal.append(Entry(Kind.FRAME, "probe", 0, frame_digest=other.frame_digest), other.stream)
    assert append_delta(journal, 1, base=0) is Stood.DELTA
    assert journal.read("probe", 1) is None
    journal.close()


def test_a_full_disk_leaves_the_journal_whole(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(journal, 0, 1)
    real = os.write

    def short(fd: int, data: memoryview) -> int:
        if len(data) > 100:
            return real(fd, data[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("huizhen.producers.segment_io.os.write", short)
    assert journal.append(entry(2), payload(2)) is Stood.REFUSED
    assert not journal.note(Note(epoch=9))
    assert journal.state.epoch == 9
    monkeypatch.undo()
    assert journal.append(entry(3), payload(3)) is Stood.WHOLE
    assert journal.read("probe", 3) == (entry(3), payload(3))
    assert journal.read("probe", 2) is None
    assert journal.state.source("probe").dropped["spool_torn"] == Ranges([(2, 2)])


def test_a_disk_full_at_rotation_goes_on_in_the_old_segment(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    while journal.size_bytes < SEGMENT:
        fill(journal, journal.state.source("probe").next_number, journal.state.source("probe").next_number)
    number = journal.state.source("probe").next_number

    def refuse(fd: int, data: memoryview) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("huizhen.producers.segment_io.os.write", refuse)
    assert journal.append(entry(number), payload(number)) is Stood.REFUSED
    monkeypatch.undo()
    assert len(journal.holdings()) == 1
    fill(journal, number, number)
    assert len(journal.holdings()) == 2
    assert journal.read("probe", number) == (entry(number), payload(number))


def test_a_disk_that_refuses_the_first_segment_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(fd: int, data: memoryview) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("huizhen.producers.segment_io.os.write", refuse)
    with pytest.raises(Unavailable, match="No space left"):
        opened(tmp_path)
    monkeypatch.undo()
    opened(tmp_path).close()


def test_two_processes_cannot_write_one_journal(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="another capture writes it"):
        opened(tmp_path)


def test_segments_with_undelivered_frames_say_so(journal: Journal) -> None:
    fill(journal, 0, 20)
    assert not any(holding.delivered for holding in journal.holdings())
    journal.note(Note(acked={"probe": Ranges([(0, 9)])}))
    held = journal.holdings()
    assert held[0].delivered
    assert not held[-1].delivered
    assert [holding.active for holding in held] == [False] * (len(held) - 1) + [True]


def test_wiping_leaves_nothing(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    fill(journal, 0, 20)
    journal.wipe()
    assert list(tmp_path.iterdir()) == []


def test_syncing_reaches_closed_segments_too(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr("huizhen.producers.journal_io.os.fdatasync", synced.append)
    fill(journal, 0, 20)
    journal.sync()
    assert len(synced) == len(journal.holdings())
    journal.sync()
    assert len(synced) == len(journal.holdings()), "nothing new: nothing to sync"


def test_only_the_owner_may_read_it(journal: Journal, tmp_path: Path) -> None:
    assert last_file(tmp_path).stat().st_mode & 0o077 == 0
    assert (tmp_path / "exam-1").stat().st_mode & 0o077 == 0
