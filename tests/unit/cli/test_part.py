"""Parts end in the order of their needs."""

import pytest

from huizhen.cli.part import Part, stop_order


def part(name: str, *needs: str) -> Part:
    return Part(name, ("true",), lambda: None, lambda: None, needs=frozenset(needs))


def test_servers_end_after_all_that_need_them() -> None:
    parts = (part("kafka"), part("s3"), part("api", "kafka", "s3"), part("capture", "api"))
    assert [[one.name for one in group] for group in stop_order(parts)] == [["api", "capture"], ["kafka", "s3"]]


def test_a_part_cannot_need_itself() -> None:
    with pytest.raises(ValueError, match="itself"):
        part("a", "a")


def test_a_part_without_a_command_is_somebody_elses() -> None:
    assert Part("kafka", (), lambda: None, lambda: None).outside
