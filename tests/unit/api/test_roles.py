"""The table of roles and rights."""

from pathlib import Path

import pytest

from huizhen.api.roles import GRANTABLE, TABLE, Right, Role, has, is_masked, known, markdown

DOCS = Path(__file__).parents[3] / "docs" / "topics" / "api.md"


def test_every_role_has_a_row() -> None:
    assert set(TABLE) == set(Role)


def test_nobody_has_every_right() -> None:
    assert all(rights < set(Right) for rights in TABLE.values())


def test_nobody_without_a_role_has_a_right() -> None:
    assert not any(has([], right) for right in Right)


def test_trainees_see_no_files_and_masked_pictures() -> None:
    assert not has([Role.TRAINEE], Right.FILE)
    assert is_masked([Role.TRAINEE])
    assert is_masked([Role.TRAINEE, Role.ADMIN])
    assert not is_masked([Role.TRAINEE, Role.EXPERT])


@pytest.mark.parametrize("role", [Role.CAPTURE, Role.QC, Role.OPS, Role.ADMIN])
def test_who_keeps_the_system_sees_no_pictures(role: Role) -> None:
    assert not has([role], Right.WATCH)
    assert not has([role], Right.FILE)


def test_a_grant_gives_no_right_to_grant() -> None:
    assert {Right.GRANT, Right.REQUEST} & GRANTABLE == set()


def test_names_of_other_systems_mean_nothing() -> None:
    assert known(["viewer", "root", "VIEWER", "superuser", ""]) == {Role.VIEWER}


def test_the_docs_show_this_table() -> None:
    assert markdown() in DOCS.read_text("utf-8")
