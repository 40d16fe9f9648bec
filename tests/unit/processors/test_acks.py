import pytest

from huizhen.processors.acks import Hold, PartitionAcks
from huizhen.schemas.errors import Bug


def filled(*holds: Hold) -> PartitionAcks[int]:
    acks: PartitionAcks[int] = PartitionAcks()
    for offset, hold in enumerate(holds):
        acks.arrived(offset, hold, offset)
    return acks


def test_records_are_freed_in_the_order_of_the_partition() -> None:
    first, second, third = Hold(owed=1), Hold(owed=1), Hold(owed=1)
    acks = filled(first, second, third)
    third.pay()
    second.pay()
    assert list(acks.freed()) == []
    first.pay()
    assert list(acks.freed()) == [0, 1, 2]
    assert list(acks.freed()) == []


def test_a_kept_interval_holds_back_what_comes_after_it() -> None:
    interval = Hold(kept=True)
    acks = filled(interval, interval, Hold())
    assert list(acks.freed()) == []
    assert len(acks) == 3
    interval.kept = False
    assert list(acks.freed()) == [0, 1, 2]


def test_an_interval_is_freed_only_when_all_of_it_is_delivered() -> None:
    interval = Hold(kept=True)
    interval.owe()
    interval.owe()
    acks = filled(interval)
    interval.kept = False
    interval.pay()
    assert list(acks.freed()) == []
    interval.pay()
    assert list(acks.freed()) == [0]


def test_paying_more_than_is_owed_is_a_bug() -> None:
    with pytest.raises(Bug):
        Hold().pay()


def test_an_offset_that_does_not_rise_means_the_partition_is_read_again() -> None:
    acks = filled(Hold(), Hold())
    assert acks.is_rewound(1)
    assert not acks.is_rewound(2)
    with pytest.raises(Bug):
        acks.arrived(1, Hold(), 1)


def test_gaps_in_offsets_are_no_matter() -> None:
    acks: PartitionAcks[str] = PartitionAcks()
    acks.arrived(10, Hold(), "a")
    acks.arrived(400, Hold(), "b")
    assert list(acks.freed()) == ["a", "b"]
