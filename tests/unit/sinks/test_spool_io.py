from pathlib import Path

import pytest

from huizhen.schemas.errors import Unavailable
from huizhen.sinks.frames import Ref
from huizhen.sinks.spool_io import SCRATCH_BYTES, FolderSpool


def files(spool_of: Path) -> int:
    return len(list((spool_of / "spool").iterdir()))


def test_frames_are_kept_until_they_are_forgotten(tmp_path: Path) -> None:
    spool = FolderSpool(tmp_path / "spool", 0, memory_bytes=0)
    one, other = spool.put(b"one"), spool.put(b"other")
    assert (spool.get(one), spool.get(other), other.size) == (b"one", b"other", 5)
    assert files(tmp_path) == 2
    spool.forget(one)
    spool.forget(one)
    assert files(tmp_path) == 1


def test_frames_stand_in_memory_up_to_a_limit_and_the_others_in_files(tmp_path: Path) -> None:
    spool = FolderSpool(tmp_path / "spool", 0, memory_bytes=8)
    one, other, third = spool.put(b"one"), spool.put(b"other"), spool.put(b"third")
    assert [spool.get(ref) for ref in (one, other, third)] == [b"one", b"other", b"third"]
    assert files(tmp_path) == 1
    for ref in (one, one, third, third):
        spool.forget(ref)
    assert files(tmp_path) == 0
    with pytest.raises(FileNotFoundError):
        spool.get(one)
    assert spool.get(spool.put(b"new")) == b"new"
    spool.put(b"!")
    assert files(tmp_path) == 1, "forgetting twice gave room twice"


def test_what_an_earlier_run_left_is_gone(tmp_path: Path) -> None:
    FolderSpool(tmp_path / "spool", 0, memory_bytes=0).put(b"left")
    FolderSpool(tmp_path / "spool", 0)
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_full_disk_is_waited_for(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="disk_min_free_bytes"):
        FolderSpool(tmp_path / "spool", 1 << 60).put(b"frame")


def test_a_folder_that_cannot_be_written_is_waited_for(tmp_path: Path) -> None:
    spool = FolderSpool(tmp_path / "spool", 0, memory_bytes=0)
    (tmp_path / "spool" / "1.jph").mkdir()
    with pytest.raises((Unavailable, OSError)):
        spool.put(b"frame")


def test_scratch_files_are_gone_afterwards(tmp_path: Path) -> None:
    spool = FolderSpool(tmp_path / "spool", 0)
    with spool.scratch() as file:
        file.write(b"x" * (SCRATCH_BYTES + 1))
        assert file.seek(0, 2) == SCRATCH_BYTES + 1
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_disk_that_fills_while_an_instance_is_built_is_waited_for(tmp_path: Path) -> None:
    spool = FolderSpool(tmp_path / "spool", 0)
    with pytest.raises(Unavailable, match="No space"), spool.scratch():
        raise OSError(28, "No space left on device")
    with pytest.raises(FileNotFoundError):
        spool.get(Ref("absent", 0))
