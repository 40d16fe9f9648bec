"""The demo's pretended losses."""

from huizhen.producers.frame import frame_id
from huizhen.producers.withhold import is_withheld
from tests.unit.producers.streams import PROBE, SENDER

PACKETS = [(frame_id(SENDER, PROBE, number), index) for number in range(500) for index in range(1, 5)]


def test_the_share_is_as_asked_and_the_choice_is_fixed() -> None:
    chosen = [is_withheld(frame, index, 5.0) for frame, index in PACKETS]
    assert 70 <= sum(chosen) <= 130, "5 % of 2000"
    assert chosen == [is_withheld(frame, index, 5.0) for frame, index in PACKETS]


def test_nothing_or_everything() -> None:
    assert not any(is_withheld(frame, index, 0.0) for frame, index in PACKETS)
    assert all(is_withheld(frame, index, 100.0) for frame, index in PACKETS)


def test_a_larger_share_holds_the_smaller_one() -> None:
    assert all(is_withheld(frame, index, 20.0) for frame, index in PACKETS if is_withheld(frame, index, 5.0))
