"""Order and expected wait."""

from typing import Any

import pytest

from huizhen.api import queue as module
from huizhen.api.queue import Queue
from huizhen.schemas.events import ConsultEvent

SECOND = 1_000_000_000


def event(consult: str, kind: str, at_s: int = 0, **more: Any) -> ConsultEvent:
    given = {"subject": "ann", "institution": "clinic", "tenant": "clinic", "session": "exam-1", **more}
    return ConsultEvent(consult, kind, at_s * SECOND, **given)


def queue(*events: ConsultEvent) -> Queue:
    made = Queue()
    for one in events:
        made.take(one)
    return made


def wait(made: Queue, name: str) -> tuple[int | None, float | None]:
    consult = made.find(name)
    assert consult is not None
    return made.position(consult), made.expected_wait_s(consult)


def done(name: str, length_s: int) -> list[ConsultEvent]:
    return [
        event(name, "requested"),
        event(name, "claimed", 10, transaction_uid="2.25.1"),
        event(name, "finished", 10 + length_s, transaction_uid="2.25.1"),
    ]


def test_the_urgent_come_first_then_the_earlier() -> None:
    made = queue(
        event("c-1", "requested", 1, urgency="LOW"), event("c-2", "requested", 2), event("c-3", "requested", 3),
        event("c-4", "requested", 4, urgency="STAT"), event("c-5", "requested", 5, urgency="HIGH"),
    )  # fmt: skip
    assert [one.id for one in made.waiting("clinic")] == ["c-4", "c-5", "c-2", "c-3", "c-1"]
    assert wait(made, "c-3") == (4, None)


def test_other_institutions_queues_are_their_own() -> None:
    made = queue(event("c-1", "requested", tenant="elsewhere"), event("c-2", "requested", 5))
    assert wait(made, "c-2")[0] == 1


def test_the_expected_wait_follows_recent_lengths_and_busy_experts() -> None:
    made = queue(*done("c-1", 100), *done("c-2", 300), *done("c-3", 200), event("c-4", "requested", 50))
    assert wait(made, "c-4") == (1, 0.0)
    made.take(event("c-5", "requested", 51))
    assert wait(made, "c-5") == (2, 200.0)
    made.take(event("c-4", "claimed", 52, transaction_uid="2.25.4"))
    assert wait(made, "c-5") == (1, 200.0)
    assert wait(made, "c-4") == (None, None)


def test_an_event_of_an_unknown_consultation_is_passed_over() -> None:
    made = queue(event("c-9", "claimed", transaction_uid="2.25.1"))
    assert made.find("c-9") is None


def test_a_second_request_of_the_same_id_changes_nothing() -> None:
    made = queue(event("c-1", "requested", 1, reason="first"), event("c-1", "requested", 2, reason="second"))
    consult = made.find("c-1")
    assert consult is not None
    assert consult.requested.reason == "first"


def test_ended_consultations_make_room_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONSULTS_MAX", 2)
    made = queue(event("c-1", "requested", 1), *done("c-2", 5), event("c-3", "requested", 3))
    assert [made.find(name) is not None for name in ("c-1", "c-2", "c-3")] == [True, False, True]


def test_grants_are_found_by_whom_they_let_in() -> None:
    grant: dict[str, Any] = {"subject": "bob", "institution": "elsewhere", "rights": ["watch"], "expires_at_s": 100}
    made = queue(event("c-1", "requested"), event("c-1", "granted", **grant))
    assert [one.session for one in made.grants("elsewhere", "bob", 99.0)] == ["exam-1"]
    assert made.grants("elsewhere", "bob", 100.0) == []
    assert made.grants("elsewhere", "ann", 99.0) == []
    made.take(event("c-1", "revoked", subject="bob", institution="elsewhere"))
    assert made.grants("elsewhere", "bob", 99.0) == []
