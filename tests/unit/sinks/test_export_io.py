from collections.abc import Iterator
from pathlib import Path

import pytest

from huizhen.schemas.errors import Unavailable
from huizhen.schemas.ids import SessionId
from huizhen.sinks.export import Exported
from huizhen.sinks.export_io import write_export

EXAM = SessionId("exam-1")
FILES = [Exported("probe/exact/a.dcm", b"a"), Exported("probe/mask/b.dcm", b"b")]


def broken(error: Exception) -> Iterator[Exported]:
    yield FILES[0]
    raise error


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_files_lie_where_their_paths_say(tmp_path: Path) -> None:
    assert write_export(FILES, tmp_path / "out", EXAM) == 2
    assert tree(tmp_path) == ["out/probe/exact/a.dcm", "out/probe/mask/b.dcm"]
    assert (tmp_path / "out/probe/mask/b.dcm").read_bytes() == b"b"


@pytest.mark.parametrize("error", [Unavailable("S3"), OSError(28, "No space left on device")])
def test_a_broken_export_leaves_the_folder_as_it_was(tmp_path: Path, error: Exception) -> None:
    out = tmp_path / "out"
    write_export(FILES[1:], out, EXAM)
    with pytest.raises(type(error)):
        write_export(broken(error), out, EXAM)
    assert tree(out) == ["probe/mask/b.dcm"]


def test_a_broken_first_export_leaves_no_half_of_it(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        write_export(broken(Unavailable("S3")), tmp_path / "out", EXAM)
    assert not (tmp_path / "out").exists()


def test_what_a_killed_export_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / "exam-1.part" / "probe" / "exact" / "old.dcm"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    write_export(FILES, tmp_path, EXAM)
    assert tree(tmp_path) == ["probe/exact/a.dcm", "probe/mask/b.dcm"]


def test_an_export_of_nothing_makes_no_folder(tmp_path: Path) -> None:
    assert write_export([], tmp_path / "out", EXAM) == 0
    assert not (tmp_path / "out").exists()
