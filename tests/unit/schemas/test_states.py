import pytest

from huizhen.schemas.errors import Refused
from huizhen.schemas.states import (
    SESSION,
    STEP,
    SessionChange,
    SessionState,
    StepChange,
    StepState,
    next_session,
    next_step,
)


def test_a_session_lives_drains_and_is_sealed() -> None:
    state = SessionState.ANNOUNCED
    for change in (SessionChange.FRAME, SessionChange.FRAME, SessionChange.SEALED, SessionChange.ALL_ACCOUNTED):
        state = next_session(state, change)
    assert state is SessionState.SEALED


def test_a_session_sealed_by_silence_opens_again_with_a_new_epoch() -> None:
    state = next_session(SessionState.LIVE, SessionChange.SILENCE)
    assert state is SessionState.SEALED_BY_TIMEOUT
    assert next_session(state, SessionChange.NEW_EPOCH) is SessionState.LIVE


def test_a_sealed_session_stays_sealed_whatever_comes() -> None:
    assert {next_session(SessionState.SEALED, change) for change in SessionChange} == {SessionState.SEALED}


@pytest.mark.parametrize("state", StepState)
@pytest.mark.parametrize("change", StepChange)
def test_only_the_ups_transitions_of_the_standard_are_allowed(state: StepState, change: StepChange) -> None:
    if (state, change) in STEP:
        assert next_step(state, change) is STEP[state, change]
    else:
        with pytest.raises(Refused, match=str(state)):
            next_step(state, change)


def test_final_states_have_no_way_out() -> None:
    assert not [state for state, _ in STEP if state in (StepState.COMPLETED, StepState.CANCELED)]
    assert not [state for state, _ in SESSION if state in (SessionState.SEALED, SessionState.FAILED)]
