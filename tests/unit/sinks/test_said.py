from dataclasses import replace

import pytest

from huizhen.schemas.errors import BadId
from huizhen.schemas.events import Progress, Sealed, SealedSource
from huizhen.sinks.said import Said
from tests.unit.sinks import exam


def progress(captured: int, at_ns: int, epoch: int = 1, source: str = "probe") -> Progress:
    return Progress("clinic", "exam-1", source, epoch, at_ns, captured, "")


@pytest.fixture
def said() -> Said:
    made = Said()
    made.announce(exam.announced())
    made.declare(exam.geometry())
    return made


def test_frames_can_be_read_once_their_source_and_geometry_are_known(said: Said) -> None:
    assert said.knows("probe", 0)
    assert not said.knows("probe", 1)
    assert not said.knows("screen", 0)
    assert not Said().knows("probe", 0)


def test_a_lower_epoch_is_fenced(said: Said) -> None:
    said.announce(replace(exam.announced(), epoch=3))
    assert [said.is_fenced(epoch) for epoch in (2, 3, 4)] == [True, False, False]
    assert not Said().is_fenced(0)


def test_progress_never_goes_back(said: Said) -> None:
    assert [said.advance(each) for each in (progress(5, 10), progress(3, 9), progress(4, 1, epoch=2))] == [
        True, False, True,
    ]  # fmt: skip
    assert said.progress["probe"].captured == 4


def test_extents_are_of_every_source_that_was_announced_or_sealed(said: Said) -> None:
    said.advance(progress(9, 10))
    assert said.extents({"probe": 4})["probe"].frames == 9
    assert said.sealed_frames is None
    said.seal(Sealed("clinic", "exam-1", 1, 5, [SealedSource("probe", 7, ""), SealedSource("screen", 2, "")]))
    assert {name: extent.frames for name, extent in said.extents({}).items()} == {"probe": 7, "screen": 2}
    assert said.sealed_frames == 9


def test_a_session_is_recorded_only_where_its_announcement_says_so(said: Said) -> None:
    assert said.is_recorded
    said.announce(exam.announced(recording=False))
    assert not said.is_recorded
    assert not Said().is_recorded


def test_a_bad_id_changes_nothing(said: Said) -> None:
    with pytest.raises(BadId):
        said.announce(exam.announced(exam.source(name="a b")))
    with pytest.raises(BadId):
        said.seal(Sealed("clinic", "exam-1", 1, 5, [SealedSource("/", 7, "")]))
    with pytest.raises(BadId):
        said.advance(progress(1, 1, source=""))
    assert (said.names(), said.sealed, said.progress) == (["probe"], None, {})
