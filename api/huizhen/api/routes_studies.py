"""What is stored of a consultation's patient: `/v1/consults/{consult}/studies`, this exam and earlier ones, by frame.

Whoever was let into a consultation sees the pictures of its patient's exams at that institution, by these routes and as
long as the consultation opens them. Trainees get them blanked like every stored frame.
"""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response, Security
from pydantic import BaseModel

from huizhen.api import audit, problem
from huizhen.api.access import Access
from huizhen.api.consult_events import consult_of
from huizhen.api.guard import BEARER, Allow, GuardedRoute, Of
from huizhen.api.paging import PAGE, Cursor, Limit
from huizhen.api.parts import parts_of
from huizhen.api.patient import same_patient
from huizhen.api.roles import Right
from huizhen.api.routes_stored import (
    FRAME_MAX,
    FRAMES,
    IfNoneMatch,
    InstancesPage,
    Uid,
    frame_answer,
    instances_page,
)
from huizhen.api.session import Session
from huizhen.schemas.events import Announced, SourceInfo

QUERY = audit.Act(audit.Code.QUERY, "R")
ACCESSED = audit.Act(audit.Code.ACCESSED, "R")
EXAMS_MAX = 50  # the newest of a patient; a room's list is read by a person
router = APIRouter(
    prefix="/v1/consults/{consult}/studies", tags=["patient's studies"], route_class=GuardedRoute,
    dependencies=[Security(BEARER)], responses=problem.RESPONSES,
)  # fmt: skip
Lister = Annotated[Access, Depends(Allow(Right.WATCH, QUERY, Of.CONSULT))]
Watcher = Annotated[Access, Depends(Allow(Right.WATCH, ACCESSED, Of.STUDY))]
Player = Annotated[Access, Depends(Allow(Right.WATCH, ACCESSED, Of.STUDY, frames=True))]


class StoredSourceView(BaseModel):
    """One source of an exam that has something stored."""

    source: str
    kind: str
    frames: int
    rate_hz: float
    lossy_image_compression: str


class ExamView(BaseModel):
    """An exam of the patient."""

    session: str
    begun_at: str
    modality: str
    is_this: bool
    """Whether the consultation is about this exam"""
    sources: list[StoredSourceView]


class StudiesView(BaseModel):
    """What is stored of the consultation's patient, newest first."""

    exams: list[ExamView]


@router.get("")
async def list_studies(consult: str, access: Lister, request: Request) -> StudiesView:
    """List the patient's exams that have something stored, this one and earlier ones."""
    parts, asked = parts_of(request), consult_of(access).requested
    about = parts.world.sessions.find(asked.tenant, asked.session)
    this = about.announced if about is not None else None
    if this is None:
        return StudiesView(exams=[])
    found = parts.world.sessions.where(
        lambda one: one.announced is not None and same_patient(this, one.announced) and _has_stored(one)
    )
    return StudiesView(exams=[_exam(one, this) for one in found[:EXAMS_MAX]])


@router.get("/{session}/instances")
async def list_study_instances(
    *, consult: str, session: str, access: Watcher, request: Request, cursor: Cursor = "", limit: Limit = PAGE
) -> InstancesPage:
    """List an exam's stored instances by their first frame."""
    return instances_page(session, access, cursor, limit)


@router.get("/{session}/instances/{uid}/frames/{number}", response_class=Response, responses=FRAMES)
async def get_study_frame(
    *,
    consult: str,
    session: str,
    uid: Uid,
    number: Annotated[int, Path(ge=1, le=FRAME_MAX)],
    access: Player,
    request: Request,
    if_none_match: IfNoneMatch = "",
) -> Response:
    """Give a frame of an exam's instance, from 1, as the codestream that was captured; blanked for trainees."""
    return await frame_answer(request, access, (uid, number), if_none_match)


def _has_stored(session: Session) -> bool:
    return any(source.stored for source in session.sources.values())


def _exam(session: Session, this: Announced) -> ExamView:
    announced = session.announced
    assert announced is not None, "only announced sessions are shown"  # noqa: S101 - a promise of ours
    return ExamView(
        session=session.session,
        begun_at=datetime.fromtimestamp(announced.begun_at_ns / 1e9, UTC).isoformat(),
        modality=announced.modality,
        is_this=session.session == this.session,
        sources=[_source(info, session) for info in announced.sources if session.source(info.source).stored],
    )


def _source(info: SourceInfo, session: Session) -> StoredSourceView:
    return StoredSourceView(
        source=info.source,
        kind=info.kind,
        frames=sum(run.last - run.first + 1 for run in session.source(info.source).stored.values()),
        rate_hz=info.expected_rate_hz,
        lossy_image_compression=info.lossy_image_compression,
    )
