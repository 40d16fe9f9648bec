"""Fan-out in memory."""

import pytest

from huizhen.api import hub as module
from huizhen.api.hub import Hub
from huizhen.api.live_frame import LiveFrame, live_frame
from tests.services.fake_station import FakeStation


class Screen:
    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def offer(self, frame: LiveFrame) -> None:
        self.seen.append(frame.order)


ONE, OTHER = FakeStation("clinic"), FakeStation("clinic", "exam-2")


def frame(number: int, revision: int = 0, station: FakeStation = ONE) -> LiveFrame:
    return live_frame(*station.frame(number, revision))


def test_each_viewer_gets_the_frames_of_its_source() -> None:
    hub, first, second = Hub(), Screen(), Screen()
    with hub.watching(ONE.stream, first), hub.watching(OTHER.stream, second):
        hub.publish(frame(0))
        hub.publish(frame(9, station=OTHER))
    hub.publish(frame(1))
    assert (first.seen, second.seen) == ([(0, 0)], [(9, 0)])


def test_a_joiner_is_offered_the_newest_frame_at_once() -> None:
    hub, screen = Hub(), Screen()
    for number, revision in ((3, 0), (4, 0), (3, 1), (4, 1)):
        hub.publish(frame(number, revision))
    with hub.watching(ONE.stream, screen):
        assert screen.seen == [(4, 1)]


def test_newest_frames_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES_MAX", 60_000)
    hub, stations = Hub(), [FakeStation("clinic", f"exam-{n}") for n in range(5)]
    for station in stations:
        hub.publish(frame(0, station=station))
    assert [hub.newest(station.stream) is not None for station in stations] == [False, False, False, True, True]


def test_frames_of_a_moment_ago_are_kept_while_somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECENT_BYTES_MAX", 4 * len(frame(0).codestream))
    hub = Hub()
    hub.publish(frame(0))
    assert hub.recent(ONE.stream, 0) is None
    with hub.watching(ONE.stream, Screen()):
        for number in range(1, 5):
            hub.publish(frame(number))
        hub.publish(frame(4, 1))
        found = hub.recent(ONE.stream, 4)
        assert found is not None
        assert found.order == (4, 1)
        assert hub.recent(ONE.stream, 1) is None, "older ones make room"
        assert hub.recent(OTHER.stream, 4) is None
    assert hub.recent(ONE.stream, 4) is None
