"""Cursor paging: a page starts behind the last item of the one before, so that nothing is shown twice or skipped."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from huizhen.api.problem import Problem

PAGE_MAX = 200
PAGE = 50
CURSOR_MAX_CHARS = 400
T = TypeVar("T")
Place = tuple[int | str, ...]
"""Where an item stands in its list: a number, then texts"""
Cursor = Annotated[str, Query(max_length=CURSOR_MAX_CHARS, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX, description="Items of the page at most")]


def page_of(
    items: Sequence[T], place: Callable[[T], Place], cursor: str, limit: int, rising: bool = False
) -> tuple[list[T], str | None]:
    """Cut a page out of items sorted by `place` (falling, or rising); return it and the next page's cursor."""
    if cursor:
        after = decode(cursor)
        items = [item for item in items if (place(item) > after if rising else place(item) < after)]
    page = list(items[:limit])
    return page, encode(place(page[-1])) if len(items) > limit else None


def encode(place: Place) -> str:
    """Make a cursor."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def decode(cursor: str) -> Place:
    """Read a cursor; raises Problem 422 where it is none of ours."""
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise Problem(422, "cursor: take it from `next_cursor` of the page before") from error
    if not isinstance(found, list) or [type(one) for one in found[1:]] != [str] * (len(found) - 1) or not found:
        raise Problem(422, "cursor: take it from `next_cursor` of the page before")
    if isinstance(found[0], bool) or not isinstance(found[0], int):
        raise Problem(422, "cursor: take it from `next_cursor` of the page before")
    return tuple(found)
