"""Histories of doubled, reordered, late, missing, corrupt and foreign packets against a small model."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huizhen.schemas.reasons import Verdict
from tests.exam import exam_frames
from tests.unit.processors.assemble_model import EXAM, FRAMES, SENT, Event, run, told

events = st.tuples(
    st.integers(0, len(FRAMES) - 1),
    st.one_of(st.integers(0, 4), st.integers(0, 4), st.sampled_from(["whole", "notice", "silence"])),
    st.sampled_from([False] * 9 + [True]),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Mostly in order, with some packets left out, doubled, moved or strange ones put in."""
    order: list[Event] = [(number, index, False) for number, sent in enumerate(SENT) for index in range(len(sent))]
    lost = draw(st.sets(st.integers(0, len(order) - 1), max_size=6))
    history = [event for place, event in enumerate(order) if place not in lost]
    for _ in range(draw(st.integers(0, 4))):
        history.insert(draw(st.integers(0, len(history))), draw(events))
    for _ in range(draw(st.integers(0, 3))):
        moved = history.pop(draw(st.integers(0, len(history) - 1)))
        history.insert(draw(st.integers(0, len(history))), moved)
    start = draw(st.integers(0, len(history) // 2))
    return history[start:]


@pytest.mark.timeout(600)
@settings(max_examples=2000, deadline=None)
@given(histories())
def test_every_history_ends_as_the_model_says(history: list[Event]) -> None:
    assert run(history)[0] == told(history)


@settings(max_examples=300, deadline=None)
@given(histories(), st.integers(1, 2))
def test_doubling_the_whole_history_changes_nothing(history: list[Event], times: int) -> None:
    clean = [event for event in history if event[1] not in ("whole", "silence") and not event[2]]
    doubled = [event for event in clean for _ in range(times + 1)]
    assert run(doubled)[0] == run(clean)[0]


@settings(max_examples=300, deadline=None)
@given(histories())
def test_revisions_rise_and_only_one_is_exact(history: list[Event]) -> None:
    out, _ = run([event for event in history if event[1] != "whole"])
    for number in range(len(FRAMES)):
        said = [(verdict, revision) for which, verdict, revision in out if which == number]
        assert [revision for _, revision in said] == list(range(said[0][1], said[0][1] + len(said))) if said else True
        assert [verdict for verdict, _ in said[:-1]].count(Verdict.PASS) == 0


def test_frames_have_both_changed_and_unchanged_tiles() -> None:
    assert any(frame.unchanged and len(frame.unchanged) < frame.header.tiles for frame in FRAMES)
    assert len(exam_frames(EXAM, 2)) == 2
