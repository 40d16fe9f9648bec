"""Pages and cursors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huizhen.api.paging import decode, encode, page_of
from huizhen.api.problem import Problem
from tests.services.fake_api import FakeApi
from tests.services.fake_station import FakeStation

ITEMS = st.lists(st.tuples(st.integers(0, 9), st.text("ab", max_size=3)), unique=True, max_size=40)


@given(ITEMS, st.integers(1, 7), st.booleans())
def test_pages_together_are_the_list(items: list[tuple[int, str]], limit: int, rising: bool) -> None:
    ordered = sorted(items, reverse=not rising)
    found, cursor = list[tuple[int, str]](), ""
    while True:
        page, following = page_of(ordered, lambda item: item, cursor, limit, rising)
        found += page
        assert len(page) <= limit
        if following is None:
            break
        cursor = following
    assert found == ordered


@given(st.text(max_size=60))
def test_a_cursor_is_ours_or_refused(text: str) -> None:
    try:
        place = decode(text)
    except (Problem, UnicodeEncodeError):
        return
    assert decode(encode(place)) == place


@pytest.mark.parametrize("cursor", ["x", "W10", "eyJhIjoxfQ", "WzEsMl0", "WyJhIl0", "W3RydWVd", "é"])
async def test_a_foreign_cursor_is_422(cursor: str) -> None:
    async with FakeApi().client("viewer") as client:
        assert (await client.get("/v1/sessions", params={"cursor": cursor})).status_code == 422


@pytest.mark.parametrize("limit", [0, 201, -1, "all"])
async def test_pages_are_bounded(limit: object) -> None:
    async with FakeApi().client("viewer") as client:
        assert (await client.get("/v1/sessions", params={"limit": str(limit)})).status_code == 422


async def test_new_sessions_do_not_shift_the_pages_that_follow() -> None:
    api = FakeApi()
    for number in range(1, 6):
        api.take(FakeStation("clinic", f"exam-{number}").announced(at_ns=number))
    async with api.client("viewer") as client:
        first = (await client.get("/v1/sessions?limit=2")).json()
        api.take(FakeStation("clinic", "exam-9").announced(at_ns=9))
        second = (await client.get("/v1/sessions", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["session"] for one in first["items"] + second["items"]] == ["exam-5", "exam-4", "exam-3", "exam-2"]
