"""What a superseded producer goes on saying changes nothing of what the checker knows."""

from huizhen.cli.ledger_check.history import Session
from huizhen.cli.ledger_check.topics_io import Reading
from huizhen.schemas.events import Progress, Sealed, SealedSource
from tests.exam import Exam

TENANT, SESSION, SOURCE = "clinic", "exam-1", "probe"


def progress(epoch: int, captured: int) -> Progress:
    return Progress(TENANT, SESSION, SOURCE, epoch, 1, captured, "")


def sealed(epoch: int, frames: int) -> Sealed:
    return Sealed(TENANT, SESSION, epoch, 1, [SealedSource(SOURCE, frames, "")])


def test_progress_and_seal_of_a_superseded_epoch_are_passed_over() -> None:
    sessions: dict[tuple[str, str], Session] = {}
    reading, exam = Reading(sessions), Exam(tenant=TENANT, session=SESSION)
    reading.event(exam.announced(epoch=1))
    reading.event(progress(1, 8))
    reading.event(exam.announced(epoch=2))
    reading.event(progress(2, 10))
    reading.event(sealed(2, 10))
    reading.event(progress(1, 12))
    reading.event(sealed(1, 12))
    source = sessions[TENANT, SESSION].sources[SOURCE]
    assert (source.progress_frames, source.sealed_frames, source.frames) == (10, 10, 10)
