"""What packets say of a frame."""

from huizhen.producers.frame import Offset, frame_id, head_of, traceparent_of
from huizhen.schemas.record import TRACEPARENT
from tests.unit.producers.streams import MS, PROBE, SENDER, frame


def test_the_head_says_what_was_captured() -> None:
    made = frame(3)
    head = head_of(made, SENDER, True, Offset(5 * MS, MS))
    assert str(head.frame) == "clinic/exam-1/probe/3"
    assert head.clock.captured_at_cloud_ns == made.captured_at_ns + 5 * MS
    assert head.frame_digest == made.frame_digest.hex()
    assert (head.key, head.clock.uncertainty_ns, head.clock.monotonic_ns) == (True, MS, 99 * MS)


def test_all_packets_of_a_frame_are_one_trace() -> None:
    traces = {traceparent_of(frame_id(SENDER, PROBE, number)) for number in (1, 2, 2)}
    assert len(traces) == 2
    assert all(TRACEPARENT.fullmatch(trace) for trace in traces)


def test_the_size_is_that_of_the_tile_parts() -> None:
    made = frame(1)
    assert made.size_bytes == sum(len(part) for parts in made.tiles for part in parts) > 9 * 900
