"""Messages of readers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huizhen.api.live_messages import Join, Pace, Painted, SetResolution, SocketProblem, read_message
from huizhen.api.resolution import Resolution


def test_messages_are_read() -> None:
    assert read_message('{"type":"join","ticket":"t"}') == Join(type="join", ticket="t")
    assert read_message('{"type":"join","ticket":"t","source":"probe","resolution":"half","later":1}') == Join(
        type="join", ticket="t", source="probe", resolution=Resolution.HALF
    )
    assert read_message('{"type":"resolution","value":"quarter"}') == SetResolution(
        type="resolution", value=Resolution.QUARTER
    )
    assert read_message('{"type":"painted","number":3,"revision":1}') == Painted(type="painted", number=3, revision=1)


@given(st.text(max_size=200))
def test_whatever_is_said_is_a_message_or_one_error(text: str) -> None:
    with pytest.raises(SocketProblem):
        read_message(text)


@pytest.mark.parametrize(
    "text", ['{"type":"painted","number":1e99,"revision":0}', '{"type":"join","ticket":null}', "[" * 9999]
)
def test_hostile_messages_are_refused(text: str) -> None:
    with pytest.raises(SocketProblem):
        read_message(text)


def test_a_pace_is_counted_by_the_second() -> None:
    pace = Pace(3)
    assert [pace.exceeded(10.0 + step / 10) for step in range(4)] == [False, False, False, True]
    assert not pace.exceeded(11.0)
