"""What a running `up` writes down is read back, and nothing else is believed."""

import json
from dataclasses import replace

import pytest

from huizhen.cli.runstate import PartState, RunState, from_json, to_json

PART = PartState("kafka", "healthy", 12, 99.5, 3, "127.0.0.1:9092", "/s/logs/kafka.log")
STATE = RunState(1, 2.5, "http://127.0.0.1:8080", "127.0.0.1:9092", "127.0.0.1:8333", (PART,))


def test_a_state_is_read_back() -> None:
    assert from_json(to_json(STATE)) == STATE


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "null", '{"format": 2}', '{"format": 1}', '{"format": 1, "parts": [1]}']
)
def test_anything_else_is_no_state(text: str) -> None:
    assert from_json(text) is None


def test_a_state_with_foreign_fields_is_no_state() -> None:
    assert from_json(json.dumps({**json.loads(to_json(STATE)), "more": 1})) is None


def test_all_is_well_when_every_part_is() -> None:
    done = replace(PART, name="capture", phase="done")
    assert replace(STATE, parts=(PART, done)).all_well
    assert not replace(STATE, parts=(PART, replace(PART, phase="starting"))).all_well
    assert not replace(STATE, parts=()).all_well
