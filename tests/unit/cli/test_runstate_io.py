"""One `up` per state folder."""

import os
from pathlib import Path

import pytest

from huizhen.cli import runstate_io
from huizhen.cli.problem import Problem
from huizhen.cli.runstate import RunState

STATE = RunState(os.getpid(), 1.0, "http://127.0.0.1:8080", "k", "s")


def test_a_held_folder_is_taken_until_it_is_let_go(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    assert not runstate_io.is_held(folder)
    with runstate_io.held(folder):
        assert runstate_io.is_held(folder)
        with pytest.raises(runstate_io.Taken), runstate_io.held(folder):
            pytest.fail("held twice")
    assert not runstate_io.is_held(folder)


def test_a_state_counts_only_while_its_folder_is_held(tmp_path: Path) -> None:
    runstate_io.write(tmp_path, STATE)
    assert runstate_io.read(tmp_path) == STATE
    assert runstate_io.running(tmp_path) is None
    with runstate_io.held(tmp_path):
        assert runstate_io.running(tmp_path) == STATE
    runstate_io.forget(tmp_path)
    assert runstate_io.read(tmp_path) is None


def test_the_state_file_is_its_owners_and_whole(tmp_path: Path) -> None:
    runstate_io.write(tmp_path, STATE)
    assert (tmp_path / runstate_io.STATE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [runstate_io.STATE]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match="choose another with --state"), runstate_io.held(tmp_path / "file" / "state"):
        pytest.fail("held")


def test_a_process_is_told_from_a_later_one_with_its_number() -> None:
    mine = runstate_io.created_at_s(os.getpid())
    assert mine is not None
    assert runstate_io.is_same(os.getpid(), mine)
    assert not runstate_io.is_same(os.getpid(), mine - 60)
    assert not runstate_io.is_same(None, mine)
    assert not runstate_io.is_same(2**22 + 1, mine)
