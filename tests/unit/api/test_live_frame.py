"""A frame's message."""

import pytest

from huizhen.api.live_frame import MESSAGES_MAX, live_frame
from huizhen.schemas.codestream import prefix
from huizhen.schemas.errors import BadCodestream
from huizhen.schemas.reasons import TileState
from huizhen.schemas.record import TileOrigin
from tests.services.asgi_socket import split
from tests.services.fake_station import FakeStation, coded

STATION = FakeStation("clinic")


def test_a_message_says_what_the_picture_is_and_where_its_tiles_come_from() -> None:
    tiles = (
        TileOrigin(TileState.TRUE), TileOrigin(TileState.UNCHANGED, 3), TileOrigin(TileState.BASE, 0, 4.25),
        TileOrigin(TileState.TEMPORAL, 2, 1.0), TileOrigin(TileState.TRUE), TileOrigin(TileState.SPATIAL, 0, 9.0),
    )  # fmt: skip
    head, codestream = split(live_frame(*STATION.frame(3, 1, False, at_ns=5, tiles=tiles)).message(0, 7))
    assert head["origins"] == [[2, "base", 0, 4.25], [3, "temporal", 2, 1.0], [5, "spatial", 0, 9.0]]
    assert (head["number"], head["revision"], head["exact"], head["dropped"]) == (3, 1, False, 7)
    assert (head["captured_at_ns"], head["closed_at_ns"], head["geometry"]) == ("5", "5", 1)
    assert (head["tiles_across"], head["bits"], head["signed"], head["components"]) == (3, 8, False, 3)
    assert codestream == coded(3)


@pytest.mark.parametrize("discard", [1, 2])
def test_a_smaller_picture_is_a_prefix(discard: int) -> None:
    head, codestream = split(live_frame(*STATION.frame(0)).message(discard, 0))
    assert head["discard"] == discard
    assert codestream == prefix(coded(0), discard)


def test_variants_are_bounded() -> None:
    frame = live_frame(*STATION.frame(0))
    for dropped in range(50):
        frame.message(0, dropped)
    assert len(frame._messages) <= MESSAGES_MAX


def test_bytes_that_are_no_picture_are_refused() -> None:
    meta, stream = STATION.frame(0)
    for bad in (b"no codestream", stream[:50], stream[:5_000], stream[:-1], b""):
        with pytest.raises(BadCodestream):
            live_frame(meta, bad)
