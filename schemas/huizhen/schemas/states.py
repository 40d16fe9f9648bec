"""State machines as tables: sessions, and the consultation queue in DICOM UPS states (PS3.4 CC.1.1)."""

from enum import StrEnum

from huizhen.schemas.errors import Refused
from huizhen.schemas.reasons import RejectReason


class SessionState(StrEnum):
    """Life of a session."""

    ANNOUNCED = "announced"
    LIVE = "live"
    DRAINING = "draining"
    SEALED = "sealed"
    SEALED_BY_TIMEOUT = "sealed_by_timeout"
    FAILED = "failed"


class SessionChange(StrEnum):
    """What moves a session on."""

    FRAME = "frame"
    SEALED = "sealed"
    SILENCE = "silence"
    ALL_ACCOUNTED = "all_accounted"
    NEW_EPOCH = "new_epoch"
    BROKEN = "broken"


SESSION: dict[tuple[SessionState, SessionChange], SessionState] = {
    (SessionState.ANNOUNCED, SessionChange.FRAME): SessionState.LIVE,
    (SessionState.ANNOUNCED, SessionChange.SEALED): SessionState.DRAINING,
    (SessionState.ANNOUNCED, SessionChange.SILENCE): SessionState.SEALED_BY_TIMEOUT,
    (SessionState.ANNOUNCED, SessionChange.BROKEN): SessionState.FAILED,
    (SessionState.LIVE, SessionChange.FRAME): SessionState.LIVE,
    (SessionState.LIVE, SessionChange.SEALED): SessionState.DRAINING,
    (SessionState.LIVE, SessionChange.SILENCE): SessionState.SEALED_BY_TIMEOUT,
    (SessionState.LIVE, SessionChange.BROKEN): SessionState.FAILED,
    (SessionState.DRAINING, SessionChange.FRAME): SessionState.DRAINING,
    (SessionState.DRAINING, SessionChange.ALL_ACCOUNTED): SessionState.SEALED,
    (SessionState.DRAINING, SessionChange.NEW_EPOCH): SessionState.LIVE,
    (SessionState.SEALED_BY_TIMEOUT, SessionChange.NEW_EPOCH): SessionState.LIVE,
    (SessionState.SEALED_BY_TIMEOUT, SessionChange.SEALED): SessionState.DRAINING,
}


class StepState(StrEnum):
    """DICOM Procedure Step State (0074,1000)."""

    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


class StepChange(StrEnum):
    """What moves a consultation on."""

    CLAIMED = "claimed"
    FINISHED = "finished"
    CANCELED = "canceled"


STEP: dict[tuple[StepState, StepChange], StepState] = {
    (StepState.SCHEDULED, StepChange.CLAIMED): StepState.IN_PROGRESS,
    (StepState.SCHEDULED, StepChange.CANCELED): StepState.CANCELED,
    (StepState.IN_PROGRESS, StepChange.FINISHED): StepState.COMPLETED,
    (StepState.IN_PROGRESS, StepChange.CANCELED): StepState.CANCELED,
}


def next_session(state: SessionState, change: SessionChange) -> SessionState:
    """Give the state after a change; a change that the table does not know leaves the state as it is."""
    return SESSION.get((state, change), state)


def next_step(state: StepState, change: StepChange) -> StepState:
    """Give the UPS state after a change; raises Refused where the standard forbids it."""
    try:
        return STEP[state, change]
    except KeyError as error:
        raise Refused(RejectReason.POLICY, f"a consultation that is {state} cannot be {change}") from error
