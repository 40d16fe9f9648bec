"""Hostile files meet the API's reader of patients' files: each is refused with a reason, or told as what it is.

Pixels are not decoded there: a picture whose coded pixels are a bomb is told as a picture. Decoding it is the page's.
"""

import asyncio
import json
from pathlib import Path

import pytest

from huizhen.api.file_child_io import FileChild
from huizhen.api.file_reader import FileRefused, describe
from huizhen.api.problem import Problem
from tests.security.hostile import Hostile, corpus

IN_A_CHILD = ("deflate bomb of 100 MB", "sequences 3000 deep", "a sequence of 20,000 items", "4 GB of pixels declared")
"""What would cost this process memory or time"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Hostile]:
    return list(corpus(tmp_path_factory.mktemp("hostile")))


def test_every_hostile_file_is_refused_with_words_of_ours_or_harmless(files: list[Hostile], tmp_path: Path) -> None:
    said = {}
    for each in files:
        if each.name.startswith(IN_A_CHILD):
            continue
        path = tmp_path / "file"
        path.write_bytes(each.content)
        with path.open("rb") as stream:
            try:
                said[each.name] = describe(stream, len(each.content)).model_dump_json()
            except FileRefused as error:
                said[each.name] = f"refused: {error}"
    assert len(said) > 30
    quoted = [name for name, words in said.items() if words.startswith("refused") and ("Doe" in words or ".." in words)]
    assert quoted == [], "a refusal names nothing of the file"
    uids = [json.loads(words)["sop_instance_uid"] for words in said.values() if not words.startswith("refused")]
    assert not any(".." in uid for uid in uids)
    must = [each.name for each in files if each.name in said and "harmless" not in each.outcomes]
    taken = {name for name in must if not said[name].startswith("refused")}
    assert all(" bomb of " in name for name in taken - {"RLE of 15 segments", "sequences 17 deep"}), taken


async def test_what_would_cost_memory_or_time_costs_a_child_alone(files: list[Hostile]) -> None:
    child = FileChild()
    chosen = [each for each in files if each.name.startswith(IN_A_CHILD)]
    assert len(chosen) == len(IN_A_CHILD)
    for each in chosen:
        try:
            kind: str = (await asyncio.wait_for(child.describe(each.content), 90)).kind
        except Problem as error:
            kind = f"refused {error.status}"
        assert kind in {"images", "refused 415", "refused 422"}
