"""No thread and no task of ours may end unseen."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("schemas", "producers", "stream-processors", "sinks", "api")
THREAD = re.compile(r"\bThread\(")
TASK = re.compile(r"(?<!group\.)\b(create_task|ensure_future)\(")
OWN_RULE = {
    "schemas/huizhen/schemas/threads_io.py": "makes all others",
    "stream-processors/huizhen/processors/lane.py": "leaves with what a job raises",
    "api/huizhen/cli/up_io.py": "ends `up` however its visitor ends",
}
WATCHED_TASKS = {"stream-processors/huizhen/processors/worker_io.py": "the watch ends with the first that ends"}


def files_with(what: re.Pattern[str]) -> set[str]:
    return {
        str(file.relative_to(ROOT))
        for part in PARTS
        for file in (ROOT / part / "huizhen").rglob("*.py")
        if what.search(file.read_text("utf-8"))
    }


def test_threads_are_made_where_what_they_raise_is_seen() -> None:
    assert files_with(THREAD) == set(OWN_RULE), "make it with huizhen.schemas.threads_io.thread"


def test_tasks_belong_to_a_group_that_waits_for_them() -> None:
    assert files_with(TASK) == set(WATCHED_TASKS), "use an asyncio.TaskGroup"
