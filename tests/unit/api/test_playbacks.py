"""Playbacks are written down once."""

import pytest

from huizhen.api import playbacks
from huizhen.api.playbacks import AGAIN_S, Playbacks

CLIP, OTHER = ("ann", "clinic", "exam-1", "1.2.3"), ("bob", "clinic", "exam-1", "1.2.3")


def test_a_playback_is_written_down_again_after_its_time() -> None:
    known = Playbacks()
    assert not known.is_written(CLIP, 0.0)
    known.wrote(CLIP, 0.0)
    assert known.is_written(CLIP, AGAIN_S - 1)
    assert not known.is_written(OTHER, 1.0)
    assert not known.is_written(CLIP, AGAIN_S)


def test_what_is_forgotten_is_written_down_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playbacks, "PLAYBACKS_MAX", 1)
    known = Playbacks()
    known.wrote(CLIP, 0.0)
    known.wrote(OTHER, 1.0)
    assert (known.is_written(CLIP, 2.0), known.is_written(OTHER, 2.0)) == (False, True)
