import pytest

from huizhen.sinks.archive import Reading
from huizhen.sinks.partitions import FRESH_S, Partitions, partition_of

FRAMES, VERDICTS = ("frames", 0), ("verdicts", 0)


def reading(*, next_offset: int = 10, end: int = 10, stamped_s: float = 0.0, low: int = 0) -> Reading:
    partitions = Partitions(("frames", "verdicts"), 1)
    partitions.assign({FRAMES: next_offset, VERDICTS: 0})
    partitions.ends = {FRAMES: (low, end), VERDICTS: (0, 0)}
    partitions.stamped_s = {FRAMES: stamped_s}
    return partitions.reading("exam-1", 1000.0)


def test_keys_are_spread_as_java_and_librdkafka_spread_them() -> None:
    known = [("exam-1", 4, partition_of("exam-1", 4)), ("exam-2", 4, partition_of("exam-2", 4))]
    assert all(0 <= found < count for _, count, found in known)
    assert [partition_of(str(number), 100) for number in range(3)] == [partition_of(str(n), 100) for n in range(3)]
    assert partition_of("21", 1 << 30) == (-973932308 & 0x7FFFFFFF) % (1 << 30)  # Apache Kafka's own test vector


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({}, Reading.AT_END),
        ({"next_offset": 9}, Reading.BEHIND),
        ({"next_offset": 9, "stamped_s": 1000.0 - FRESH_S / 2}, Reading.AT_END),
        ({"next_offset": 0, "end": -1}, Reading.BEHIND),
        ({"next_offset": 0, "end": 7, "low": 7}, Reading.AT_END),
    ],
)
def test_a_session_is_behind_while_old_records_are_unread(where: dict[str, float], found: Reading) -> None:
    assert reading(**where) is found  # type: ignore[arg-type] # numbers


def test_nothing_waits_once_every_partition_of_a_topic_is_read_to_its_end() -> None:
    partitions = Partitions(("frames", "verdicts"), 2)
    partitions.assign({FRAMES: 3, ("frames", 1): 0, VERDICTS: 0})
    partitions.ends = {FRAMES: (0, 4), ("frames", 1): (0, 0), VERDICTS: (0, 9)}
    assert not partitions.is_read_to_end("frames")
    partitions.read(FRAMES, 3, 1.0)
    assert partitions.is_read_to_end("frames")
    assert not partitions.is_read_to_end("verdicts")
    partitions.ends[FRAMES] = (0, -1)
    assert not partitions.is_read_to_end("frames"), "its end is not known"


def test_a_session_is_ours_only_with_all_its_partitions() -> None:
    partitions = Partitions(("frames", "verdicts"), 1)
    partitions.assign({FRAMES: 0})
    assert partitions.reading("exam-1", 0.0) is Reading.NOT_OURS
    partitions.assign({VERDICTS: 0})
    assert partitions.reading("exam-1", 0.0) is Reading.BEHIND
    partitions.revoke([FRAMES])
    assert partitions.reading("exam-1", 0.0) is Reading.NOT_OURS


def test_what_waits_is_not_committed() -> None:
    partitions = Partitions(("frames", "verdicts"), 1)
    partitions.assign({FRAMES: 0, VERDICTS: 3})
    partitions.read(FRAMES, 41, 5.0)
    assert partitions.to_commit([(FRAMES, 17), (FRAMES, 20), (("frames", 9), 1)]) == {FRAMES: 17, VERDICTS: 3}
    assert partitions.to_commit([]) == {FRAMES: 42, VERDICTS: 3}
