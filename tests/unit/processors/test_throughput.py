from huizhen.processors.throughput import Throughput

SECOND = 20


def feed(throughput: Throughput, begin_s: float, bytes_s: float) -> list[bool]:
    """Let a second pass at a rate; give what is said twenty times."""
    said = []
    for step in range(SECOND):
        throughput.arrived(int(bytes_s / SECOND))
        said.append(throughput.look(begin_s + (step + 1) / SECOND))
    return said


def test_one_stream_is_no_reason_to_gather() -> None:
    assert not any(feed(Throughput(), 0.0, 3e6))


def test_eight_streams_are_gathered_after_half_a_second() -> None:
    assert feed(Throughput(), 0.0, 23e6) == [False] * 9 + [True] * 11


def test_between_the_two_limits_it_stays_as_it_was() -> None:
    throughput = Throughput()
    assert not any(feed(throughput, 0.0, 13e6))
    feed(throughput, 1.0, 23e6)
    assert all(feed(throughput, 2.0, 13e6))
    assert feed(throughput, 3.0, 11e6)[-1] is False


def test_silence_is_calm_however_long_nobody_looked() -> None:
    throughput = Throughput()
    feed(throughput, 0.0, 23e6)
    assert throughput.look(60.0) is False
    assert throughput.look(60.6) is False
