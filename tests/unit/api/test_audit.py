"""Audit events."""

from huizhen.api.access import Access, Denied
from huizhen.api.audit import Act, Code, Doing, accessed, denied, signed_in
from huizhen.api.roles import Right
from huizhen.api.session import Session
from tests.services.fake_api import FakeApi
from tests.services.fake_station import STUDY, FakeStation

ANN = FakeApi().principal("viewer", "expert")
DOING = Doing(Act(Code.ACCESSED, "R"), "GET", "/v1/sessions/{session}", "e-1", 7)


def test_an_access_names_who_what_and_which_study_but_no_patient() -> None:
    session = Session("elsewhere", "exam-1")
    session.take(FakeStation("elsewhere").announced())
    event = accessed(DOING, Access(ANN, Right.WATCH, session))
    assert (event.event_code, event.action, event.outcome) == ("110103", "R", 0)
    assert (event.subject, event.institution, event.tenant, event.session) == ("ann", "clinic", "elsewhere", "exam-1")
    assert (event.study_instance_uid, event.roles, event.event_id, event.at_ns) == (
        STUDY,
        ["expert", "viewer"],
        "e-1",
        7,
    )
    assert "CANARY" not in repr(event)


def test_a_denial_is_an_alert_and_a_forged_token_a_serious_one() -> None:
    event = denied(DOING, ANN, Denied(404, "absent"), "alliance")
    assert (event.event_code, event.outcome, event.subject, event.reason) == ("110113", 4, "ann", "absent")
    event = denied(DOING, None, Denied(401, "bad token", serious=True), "alliance")
    assert (event.outcome, event.subject, event.tenant) == (8, "anonymous", "alliance")


def test_a_log_in_is_an_event() -> None:
    event = signed_in(Doing(Act(Code.AUTHENTICATION, "E"), "POST", "/v1/sign-in", "e-1", 7), ANN)
    assert (event.event_code, event.outcome, event.tenant) == ("110114", 0, "clinic")
