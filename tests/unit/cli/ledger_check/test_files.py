"""Files that the checker is given and cannot read: one line that names the file, before any server is asked."""

from pathlib import Path

import pytest

from huizhen.cli.main import app


def said(*arguments: str) -> str:
    with pytest.raises(Exception, match=r"^[^\n]+$") as caught:
        app(["ledger-check", *arguments], standalone_mode=False)
    return str(caught.value)


def test_a_folder_of_journals_that_is_not_there_is_named(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert said("--journal", str(nowhere)) == (
        f"there is no folder {nowhere}: --journal wants the folder that holds the journals"
    )


def test_a_journal_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    segment = tmp_path / "exam-1" / "0.hzj"
    segment.mkdir(parents=True)  # root may read every file, and no folder as one
    assert said("--journal", str(tmp_path)).startswith(f"cannot read {segment} (Is a directory)")


@pytest.mark.parametrize("option", ["--viewers", "--acts", "--before"])
def test_a_list_that_is_absent_or_of_another_form_is_named(tmp_path: Path, option: str) -> None:
    nowhere, wrong = tmp_path / "nowhere", tmp_path / "wrong"
    wrong.write_text('{"session": 1, "nothing": 2}')
    assert said(option, str(nowhere)).startswith(f"cannot read {nowhere} (No such file or directory)")
    assert said(option, str(wrong)).startswith(f"{wrong} is not of the form that is wanted")
