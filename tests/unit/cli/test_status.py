"""How a deployment is written for people."""

from huizhen.cli.commands.status import lines
from huizhen.cli.runstate import PartState, RunState

PARTS = (
    PartState("kafka", "healthy", 12, 1.0, 0, "127.0.0.1:9092", "/l/kafka.log", "an old reason"),
    PartState("api", "starting again", None, None, 3, "127.0.0.1:8080", "/l/api.log", "ended with code 1"),
)


def test_each_part_has_a_line_and_only_trouble_has_a_reason() -> None:
    kafka, api, page = lines(RunState(1, 1.0, "http://127.0.0.1:8080", "k", "s", PARTS))
    assert kafka.split() == ["kafka", "healthy", "127.0.0.1:9092", "pid", "12"]
    assert api.split(maxsplit=4)[:4] == ["api", "starting", "again", "127.0.0.1:8080"]
    assert api.endswith("restarted 3 times  (ended with code 1)")
    assert page == "page        http://127.0.0.1:8080"


def test_a_notice_is_shown() -> None:
    assert "disk is low" in lines(RunState(1, 1.0, "p", "k", "s", PARTS, "disk is low"))
