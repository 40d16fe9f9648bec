"""What may be replayed, and where to: a record's headers may have been forged by a station."""

import pytest

from huizhen.cli.rejected import Waiting, Wanted, replay_headers, waiting
from huizhen.schemas.decision import REPLAYED, Choice, Decision
from huizhen.schemas.errors import Refused
from huizhen.schemas.ids import SubjectId, TenantId
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.record import frame_headers
from huizhen.schemas.rejected import Origin, Rejection
from tests.unit.sinks import exam

PLACE = Origin("huizhen.clinic.rejected", 0, 3)
FRAME = tuple(frame_headers(exam.meta(4)))


def refused(topic: str, headers: tuple[tuple[str, bytes], ...] = FRAME, place: Origin = PLACE) -> Waiting:
    rejection = Rejection(RejectReason.UNKNOWN_GEOMETRY, Origin(topic, 1 if topic else -1, 9), "", headers)
    return waiting((place, 1), rejection, b"exam-1", 10, {})


def test_a_record_goes_back_with_its_headers_and_the_place_it_was_taken_from() -> None:
    mark = (REPLAYED, b"huizhen.clinic.rejected/0/3")
    assert replay_headers(refused("huizhen.frames")) == [*FRAME, mark]
    again = (*FRAME, (REPLAYED, b"huizhen.clinic.rejected/0/1"))
    assert replay_headers(refused("huizhen.frames", again)) == [*FRAME, mark]
    assert replay_headers(refused("huizhen.clinic.packets", ())) == [mark]


@pytest.mark.parametrize(
    "topic", ["huizhen.other.packets", "huizhen.audit", "huizhen.clinic.sessions", "", "elsewhere"]
)
def test_a_record_goes_nowhere_else(topic: str) -> None:
    with pytest.raises(Refused):
        replay_headers(refused(topic))


def test_a_record_that_claims_another_institution_stays_where_it_is() -> None:
    with pytest.raises(Refused, match="does not belong"):
        replay_headers(refused("huizhen.frames", place=Origin("huizhen.other.rejected", 0, 3)))
    with pytest.raises(Refused, match="does not belong"):
        replay_headers(refused("huizhen.frames", ()))


def test_records_are_chosen_by_place_session_reason_institution_and_decision() -> None:
    one = refused("huizhen.frames")
    assert (one.session, one.tenant, one.state) == ("exam-1", "clinic", "waits")
    for wanted in (Wanted(), Wanted(frozenset({one.name})), Wanted(session="exam-1", undecided=True)):
        assert wanted.takes(one)
    for wanted in (Wanted(frozenset({"x"})), Wanted(session="y"), Wanted(reason="policy"), Wanted(tenant="other")):
        assert not wanted.takes(one)
    decision = Decision(Choice.REPLAY, PLACE, TenantId("clinic"), "exam-1", SubjectId("op-7"), 1, "mended")
    decided = waiting((PLACE, 1), one.rejection, b"exam-1", 10, {PLACE: decision})
    assert (decided.state, Wanted(undecided=True).takes(decided)) == ("replayed", False)
