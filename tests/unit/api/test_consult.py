"""One consultation as a fold of its events."""

import itertools

import pytest

from huizhen.api.consult import GRANTS_MAX, Consult
from huizhen.api.roles import Right
from huizhen.schemas.events import ConsultEvent
from huizhen.schemas.states import StepState


def event(kind: str, **more: object) -> ConsultEvent:
    given = {"subject": "ann", "institution": "clinic", "tenant": "clinic", "session": "exam-1", **more}
    return ConsultEvent("c-1", kind, 1, **given)  # type: ignore[arg-type]


def consult(*events: ConsultEvent) -> Consult:
    made = Consult(event("requested"))
    for one in events:
        made.take(one)
    return made


CLAIM = event("claimed", subject="eve", transaction_uid="2.25.1")


def test_the_first_claim_in_the_log_wins() -> None:
    made = consult(CLAIM, event("claimed", subject="mallory", transaction_uid="2.25.2"))
    assert made.state is StepState.IN_PROGRESS
    assert (made.transaction_uid, made.claimed) == ("2.25.1", CLAIM)


def test_only_the_holder_of_the_transaction_ends_what_is_in_progress() -> None:
    made = consult(CLAIM)
    assert not made.take(event("finished"))
    assert not made.take(event("finished", transaction_uid="2.25.2"))
    assert not made.take(event("canceled"))
    assert made.take(event("finished", transaction_uid="2.25.1"))
    assert made.state is StepState.COMPLETED


def test_what_waits_is_canceled_without_a_transaction() -> None:
    made = consult(event("canceled"))
    assert made.state is StepState.CANCELED
    assert not made.take(CLAIM)


def test_a_claim_without_a_transaction_does_not_count() -> None:
    assert consult(event("claimed")).state is StepState.SCHEDULED


def test_grants_end_with_the_consultation() -> None:
    grant = event("granted", subject="bob", institution="elsewhere", rights=["watch"], expires_at_s=9)
    made = consult(grant, CLAIM)
    assert made.grants["elsewhere", "bob"].allows(Right.WATCH, 8.9)
    made.take(event("finished", transaction_uid="2.25.1"))
    assert made.grants == {}
    assert not made.take(grant)


def test_a_grant_is_renewed_and_revoked() -> None:
    grants = [
        event("granted", subject="bob", institution="elsewhere", rights=["watch"], expires_at_s=s) for s in (9, 20)
    ]
    made = consult(*grants)
    assert made.grants["elsewhere", "bob"].expires_at_s == 20
    assert made.take(event("revoked", subject="bob", institution="elsewhere"))
    assert made.grants == {}
    assert not made.take(event("revoked", subject="bob", institution="elsewhere"))


@pytest.mark.parametrize("bad", [{"subject": "B O B"}, {"institution": "../x"}, {"subject": ""}])
def test_a_grant_to_nobody_does_not_count(bad: dict[str, str]) -> None:
    given = {"subject": "bob", "institution": "elsewhere", **bad}
    assert consult(event("granted", rights=["watch"], expires_at_s=9, **given)).grants == {}


def test_a_grant_gives_nothing_beyond_what_may_be_granted() -> None:
    made = consult(
        event("granted", subject="bob", institution="elsewhere", rights=["watch", "grant", "*"], expires_at_s=9)
    )
    assert made.grants["elsewhere", "bob"].rights == {"watch"}


def test_grants_are_bounded() -> None:
    made = consult(
        *(event("granted", subject=f"b{n}", institution="x", rights=["see"], expires_at_s=9) for n in range(99))
    )
    assert len(made.grants) == GRANTS_MAX


def test_the_same_events_twice_change_nothing() -> None:
    events = [CLAIM, event("finished", transaction_uid="2.25.1")]
    once = consult(*events)
    twice = consult(*itertools.chain.from_iterable((one, one) for one in events))
    assert (once.state, once.changes) == (twice.state, twice.changes)
