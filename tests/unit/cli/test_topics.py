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
