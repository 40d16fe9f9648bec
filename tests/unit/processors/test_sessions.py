import dataclasses

import pytest

from huizhen.processors.sessions import KnownGeometry, Sessions, apply
from huizhen.schemas.errors import BadInput
from huizhen.schemas.events import Progress
from huizhen.schemas.ids import GeometryId, SessionId, TenantId
from tests.exam import Exam, moving

EXAM = Exam()
FRAME = EXAM.frame(0, moving(0))
CLINIC, EXAM_1 = TenantId("clinic"), SessionId("exam-1")


def test_a_session_and_its_geometry_are_known_in_either_order() -> None:
    for order in ((EXAM.announced(), EXAM.declared(FRAME)), (EXAM.declared(FRAME), EXAM.announced())):
        sessions = Sessions()
        for event in order:
            assert apply(sessions, event, CLINIC)
        known = sessions.find(CLINIC, EXAM_1)
        geometry = sessions.geometry(EXAM.stream, GeometryId(0))
        assert known is not None
        assert known.epoch == 1
        assert isinstance(geometry, KnownGeometry)
        assert geometry.pixels.columns == 160
        assert sessions.geometry(EXAM.stream, GeometryId(1)) is None


def test_an_event_of_another_tenant_than_its_topic_is_not_taken() -> None:
    sessions = Sessions()
    assert not apply(sessions, EXAM.announced(), TenantId("elsewhere"))
    assert sessions.count == 0


def test_a_new_epoch_keeps_the_geometries_and_opens_a_sealed_session_again() -> None:
    sessions = Sessions()
    for event in (EXAM.announced(), EXAM.declared(FRAME), EXAM.sealed(9)):
        apply(sessions, event, CLINIC)
    assert sessions.is_sealed(EXAM.stream)
    apply(sessions, EXAM.announced(epoch=2), CLINIC)
    assert not sessions.is_sealed(EXAM.stream)
    assert sessions.geometry(EXAM.stream, GeometryId(0)) is not None
    apply(sessions, EXAM.sealed(9), CLINIC)
    assert not sessions.is_sealed(EXAM.stream), "the seal of an older epoch"


def test_a_tombstone_forgets_the_session() -> None:
    sessions = Sessions()
    apply(sessions, EXAM.announced(), CLINIC)
    sessions.forget("clinic", "exam-1")
    assert sessions.find(CLINIC, EXAM_1) is None
    assert sessions.source(EXAM.stream) is None
    assert not sessions.is_sealed(EXAM.stream)


def test_the_oldest_session_goes_first_when_there_are_too_many() -> None:
    sessions = Sessions(sessions_max=2)
    for number in range(3):
        sessions.announce(dataclasses.replace(EXAM, session=f"exam-{number}").announced())
    assert sessions.count == 2
    assert sessions.find(CLINIC, SessionId("exam-0")) is None


def test_a_geometry_that_cannot_be_is_refused() -> None:
    sessions = Sessions()
    with pytest.raises(BadInput):
        sessions.declare(dataclasses.replace(EXAM.declared(FRAME), bits_stored=99))


def test_other_events_of_the_topic_change_nothing() -> None:
    sessions = Sessions()
    assert apply(sessions, Progress("clinic", "exam-1", "probe", 1, 0, 3, "0" * 64), CLINIC)
    assert sessions.count == 0
