"""How `huizhen topics` writes a topic."""

from dataclasses import replace

from huizhen.cli.commands.topics import line
from huizhen.cli.topics_io import Standing
from huizhen.schemas.topics import TopicSpec

SPEC = TopicSpec("huizhen.frames", 8, 3, {})
THERE = Standing(SPEC, 8)


def test_each_standing_has_its_word() -> None:
    assert line(THERE).split() == ["huizhen.frames", "8", "partitions", "x3", "there"]
    assert line(replace(THERE, created=True)).endswith("created")
    assert line(replace(THERE, partitions=0)).endswith("missing")


def test_another_number_of_partitions_is_named_and_left() -> None:
    assert line(replace(THERE, partitions=4)).endswith(
        "has 4 partitions on the broker: partitions are fixed for a deployment"
    )


def test_settings_that_are_not_the_tables_are_named_and_whether_they_were_changed() -> None:
    other = replace(THERE, differs=("retention.ms: 1 -> 2", "retention.bytes: 3 -> 4"))
    assert line(other).endswith("differs: retention.ms: 1 -> 2, retention.bytes: 3 -> 4")
    assert line(replace(other, altered=True)).endswith("changed: retention.ms: 1 -> 2, retention.bytes: 3 -> 4")
