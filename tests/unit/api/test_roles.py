"""The table of roles and rights."""

import re
from pathlib import Path

import pytest

from huizhen.api.roles import GRANTABLE, TABLE, Right, Role, has, is_masked, known, markdown

PAGE = Path(__file__).parents[3] / "api" / "web" / "src" / "api" / "rights.ts"
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


def test_the_page_offers_what_this_table_allows() -> None:
    """`see` is what every signed-in page has; the page asks for nothing but the other rights."""
    page = PAGE.read_text("utf-8")
    rows = re.findall(r"^  (\w+): \[([^\]]*)\],$", page, re.MULTILINE)
    offered = {role: set(re.findall(r'"(\w+)"', rights)) for role, rights in rows}
    assert offered == {str(role): {str(right) for right in rights - {Right.SEE}} for role, rights in TABLE.items()}
    (named,) = re.findall(r"^export type Right = (.*);$", page, re.MULTILINE)
    assert set(re.findall(r'"(\w+)"', named)) == {str(right) for right in set(Right) - {Right.SEE}}
