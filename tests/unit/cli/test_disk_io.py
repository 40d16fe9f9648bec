"""Free disk space."""

from pathlib import Path

from huizhen.cli.disk_io import free_bytes, is_low


def test_the_disk_of_a_folder_that_is_not_there_yet_is_its_parents(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "a" / "b") > 0


def test_a_low_disk_counts_as_low_until_some_more_is_free() -> None:
    assert is_low(99, 100, was_low=False)
    assert not is_low(100, 100, was_low=False)
    assert is_low(109, 100, was_low=True)
    assert not is_low(110, 100, was_low=True)
