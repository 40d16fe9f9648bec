"""The journal's limits."""

from huizhen.producers.retention import Budget, Holding, alarm_of, excess_bytes, expired, removable

BUDGET = Budget(max_bytes=1000, min_free_bytes=500, max_age_s=60.0)


def holding(name: str, at_s: float, delivered: bool = True, active: bool = False) -> Holding:
    return Holding("exam-1", name, 100, at_s, delivered, active)


def test_what_fits_needs_nothing_gone() -> None:
    assert excess_bytes(900, 10_000, 100, BUDGET) == 0
    assert alarm_of(900, 10_000, 100, BUDGET) == ""


def test_bytes_above_the_limit_must_go_first() -> None:
    assert excess_bytes(950, 10_000, 100, BUDGET) == 50
    assert alarm_of(950, 10_000, 100, BUDGET) == "spool_full"


def test_the_disk_keeps_its_free_bytes() -> None:
    assert excess_bytes(0, 550, 100, BUDGET) == 50
    assert alarm_of(0, 550, 100, BUDGET) == "disk_full"


def test_the_oldest_delivered_segments_go_first() -> None:
    held = [holding("c", 3), holding("a", 1), holding("b", 2, delivered=False), holding("d", 0, active=True)]
    assert [one.name for one in removable(held, 1)] == ["a"]
    assert [one.name for one in removable(held, 101)] == ["a", "c"]


def test_nothing_goes_in_vain() -> None:
    assert removable([holding("a", 1), holding("b", 2, delivered=False)], 150) == []


def test_old_segments_expire_even_undelivered() -> None:
    held = [holding("a", 1, delivered=False), holding("b", 50), holding("c", 1, active=True)]
    assert [one.name for one in expired(held, 62.0, BUDGET)] == ["a"]
