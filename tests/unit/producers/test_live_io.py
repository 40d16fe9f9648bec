"""Live's decisions reach Kafka, and its reports come back."""

import time
from collections.abc import Mapping

import pytest
from confluent_kafka import KafkaException

from huizhen.producers.flights import Settled
from huizhen.producers.frame import Frame, Offset
from huizhen.producers.live import Live, Rules
from huizhen.producers.live_io import LiveSender
from huizhen.producers.pace import Link
from huizhen.schemas.ids import SourceId
from huizhen.schemas.ranges import Ranges
from huizhen.schemas.record import read_packet_headers
from tests.unit.producers.fakes import FakeError, FakePublisher
from tests.unit.producers.streams import MS, PROBE, SENDER, frame


class Harness:
    def __init__(self) -> None:
        self.publisher = FakePublisher()
        self.delivered, self.late = Ranges(), Ranges()
        live = Live(SENDER, Rules(500 * MS), Link(window_max=1 << 20))
        self.sender = LiveSender(live, self.publisher, SENDER.tenant, SENDER.session, self.settle)
        self.sender.add(PROBE, 1000 * MS)
        self.sender.confirm(PROBE, 0)

    def settle(self, settled: Mapping[SourceId, Settled]) -> None:
        self.delivered.update(settled[PROBE].delivered)
        self.late.update(settled[PROBE].late)


def now_frame(number: int) -> Frame:
    return frame(number, (), at_ms=time.monotonic_ns() / MS)


def test_a_frame_goes_out_as_it_is_offered_and_settles_with_its_report() -> None:
    harness = Harness()
    harness.sender.offer(now_frame(0))
    (handed,) = harness.publisher.take()
    assert (handed.topic, handed.key) == ("huizhen.clinic.packets", "exam-1")
    assert str(read_packet_headers([*handed.headers]).head.frame) == "clinic/exam-1/probe/0"
    assert not harness.sender.is_drained
    handed.arrive()
    assert harness.delivered == Ranges([(0, 0)])
    assert harness.sender.is_drained
    assert harness.sender.silent_ns == 0


def test_a_failed_delivery_makes_the_frame_late() -> None:
    harness = Harness()
    harness.sender.offer(now_frame(0))
    harness.publisher.take()[0].fail()
    assert harness.late == Ranges([(0, 0)])
    assert harness.sender.link.failing
    assert harness.sender.silent_ns > 0
    assert not harness.sender.is_fatal


def test_a_client_that_gave_up_is_said() -> None:
    harness = Harness()
    harness.sender.offer(now_frame(0))
    harness.publisher.take()[0].fail(FakeError(is_fatal=True))
    assert harness.sender.is_fatal


@pytest.mark.parametrize("how", ["full", "refused"])
def test_a_client_that_takes_nothing_makes_frames_late(how: str) -> None:
    harness = Harness()
    harness.publisher.is_full = how == "full"
    harness.publisher.refuses = KafkaException(FakeError())
    harness.sender.offer(now_frame(0))
    assert harness.late == Ranges([(0, 0)])
    assert harness.sender.is_drained


def test_time_passes_by_ticks() -> None:
    harness = Harness()
    harness.sender.offer(frame(0, (), geometry=1, at_ms=time.monotonic_ns() / MS - 600))
    harness.sender.tick()
    harness.sender.show(Offset(7, 8))
    assert harness.late == Ranges([(0, 0)])
    harness.sender.offer(now_frame(1))
    clock = read_packet_headers([*harness.publisher.take()[0].headers]).head.clock
    assert (clock.offset_ns, clock.uncertainty_ns) == (7, 8)


def test_a_key_frame_can_be_asked_for() -> None:
    harness = Harness()
    for number in range(2):
        harness.sender.offer(now_frame(number))
        harness.publisher.handed[-1].arrive()
    harness.sender.ask_key(PROBE)
    harness.sender.offer(now_frame(2))
    assert [read_packet_headers([*one.headers]).head.key for one in harness.publisher.take()] == [True, False, True]
