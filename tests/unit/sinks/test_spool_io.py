from pathlib import Path

import pytest

from huizhen.schemas.errors import Unavailable
from huizhen.sinks.frames import Ref
from huizhen.sinks.spool_io import FolderSpool


def test_frames_are_kept_until_they_are_forgotten(tmp_path: Path) -> None:
    spool = FolderSpool(tmp_path / "spool", 0)
    one, other = spool.put(b"one"), spool.put(b"other")
    assert (spool.get(one), spool.get(other), other.size) == (b"one", b"other", 5)
    spool.forget(one)
    spool.forget(one)
    assert len(list((tmp_path / "spool").iterdir())) == 1


def test_what_an_earlier_run_left_is_gone(tmp_path: Path) -> None:
    FolderSpool(tmp_path / "spool", 0).put(b"left")
    FolderSpool(tmp_path / "spool", 0)
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_full_disk_is_waited_for(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="disk_min_free_bytes"):
        FolderSpool(tmp_path / "spool", 1 << 60).put(b"frame")


def test_a_folder_that_cannot_be_written_is_waited_for(tmp_path: Path) -> None:
    spool = FolderSpool(tmp_path / "spool", 0)
    (tmp_path / "spool" / "1.jph").mkdir()
    with pytest.raises((Unavailable, OSError)):
        spool.put(b"frame")


def test_scratch_files_are_gone_afterwards(tmp_path: Path) -> None:
    spool = FolderSpool(tmp_path / "spool", 0)
    with spool.scratch() as file:
        file.write(b"x")
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_disk_that_fills_while_an_instance_is_built_is_waited_for(tmp_path: Path) -> None:
    spool = FolderSpool(tmp_path / "spool", 0)
    with pytest.raises(Unavailable, match="No space"), spool.scratch():
        raise OSError(28, "No space left on device")
    with pytest.raises(FileNotFoundError):
        spool.get(Ref("absent", 0))
