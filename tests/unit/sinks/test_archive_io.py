import pytest
from structlog.testing import capture_logs

from huizhen.sinks.archive_io import BEHIND_RETRY_S, read_up
from huizhen.sinks.consumer_io import Stopped


def test_events_that_cannot_be_read_up_are_tried_again_after_a_pause_each_said_once() -> None:
    answers, waits = iter([False, False, True]), []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return False

    with capture_logs() as logs:
        read_up(lambda _limit_s: next(answers), wait)
    assert waits == [BEHIND_RETRY_S] * 2
    assert [line["event"] for line in logs] == ["events_behind"] * 2


def test_reading_up_ends_when_told_to() -> None:
    with pytest.raises(Stopped):
        read_up(lambda _limit_s: False, lambda _seconds: True)
