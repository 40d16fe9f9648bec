"""A decision about a refused record goes through the audit trail and back."""

from huizhen.schemas import avro
from huizhen.schemas.decision import Choice, Decision, read_decision, to_audit
from huizhen.schemas.events import AuditEvent
from huizhen.schemas.ids import SubjectId, TenantId
from huizhen.schemas.rejected import Origin

PLACE = Origin("huizhen.clinic.rejected", 1, 17)
DISCARDED = Decision(Choice.DISCARD, PLACE, TenantId("clinic"), "exam-1", SubjectId("op-7"), 5, "a test picture")


def test_a_decision_is_read_back_with_who_when_and_why() -> None:
    event = to_audit(DISCARDED)
    assert read_decision(event) == DISCARDED
    assert len(avro.encode(event)) > 0
    assert (event.subject, event.at_ns, event.reason) == ("op-7", 5, "a test picture")


def test_other_audit_events_are_no_decisions() -> None:
    view = AuditEvent("e", 1, "R", "110103", 0, "op-7", "clinic", "clinic", "/v1/sessions/{session}")
    assert read_decision(view) is None
    assert read_decision(None) is None
