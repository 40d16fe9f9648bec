"""What was drawn in a consultation as a DICOM file: `/v1/consults/{consult}/presentation-state`."""

import asyncio
import hashlib
import io
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response, Security
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.errors import InvalidDicomError

from huizhen.api import audit, problem
from huizhen.api.access import Access
from huizhen.api.consult_events import consult_of
from huizhen.api.guard import BEARER, Allow, GuardedRoute, Of
from huizhen.api.parts import Parts, parts_of
from huizhen.api.problem import Problem, absent
from huizhen.api.roles import Right
from huizhen.api.room import Drawn
from huizhen.api.stored import Instance

EXPORT = audit.Act(audit.Code.EXPORT, "R")
LEFT_OUT = "huizhen-left-out"
INSTANCES_MAX = 64  # each is read from the store for its header
DICOM = "application/dicom"
BYTES = {"type": "string", "format": "binary"}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A softcopy presentation state",
        "content": {DICOM: {"schema": BYTES}},
        "headers": {LEFT_OUT: {"description": "Drawings on frames not stored yet", "schema": {"type": "integer"}}},
    },
    409: problem.describe(409),
    502: problem.describe(502),
}
router = APIRouter(
    prefix="/v1/consults/{consult}", tags=["rooms"], route_class=GuardedRoute, dependencies=[Security(BEARER)],
    responses=problem.RESPONSES,
)  # fmt: skip
Exporter = Annotated[Access, Depends(Allow(Right.FILE, EXPORT, Of.CONSULT))]


@router.get("/presentation-state", response_class=Response, responses=FILE)
async def get_presentation_state(
    consult: str, access: Exporter, request: Request, source: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    """Give a source's drawings (of the first one drawn on, where none is named) to lay over its stored frames."""
    from huizhen.api.presentation import placed  # highdicom takes a second to load, and few ask

    parts, found = parts_of(request), consult_of(access)
    session = parts.world.sessions.find(found.requested.tenant, found.requested.session)
    drawings = list(parts.world.rooms.find(found.id).drawings.values())
    wanted = source or (drawings[0].drawing.source if drawings else "")
    of_source = [one for one in drawings if one.drawing.source == wanted]
    if session is None or not of_source:
        raise absent()
    lying = placed(session, wanted, of_source)
    if not lying:
        raise Problem(409, "none of the frames that were drawn on is stored yet: try again in some seconds")
    images = await _images(parts, {one.instance.uid: one.instance for one in lying})
    content = await asyncio.to_thread(_written, lying, images, _digest(found.id, wanted), _digest_of(of_source))
    headers = {
        LEFT_OUT: str(len(of_source) - len(lying)),
        "cache-control": "private, no-store",
        "content-disposition": f'attachment; filename="{found.id}-{wanted}.dcm"',
    }
    return Response(content, headers=headers, media_type=DICOM)


async def _images(parts: Parts, wanted: dict[str, Instance]) -> dict[str, Dataset]:
    if len(wanted) > INSTANCES_MAX:
        raise Problem(409, f"drawings lie on {len(wanted)} instances: at most {INSTANCES_MAX} fit into one state")
    found = {}
    for uid, instance in wanted.items():
        content = await parts.objects.get(instance.runs[0].object_key, instance.runs[0].object_sha256)
        found[uid] = await asyncio.to_thread(_header, content)
    return found


def _header(content: bytes) -> Dataset:
    try:
        return dcmread(io.BytesIO(content), stop_before_pixels=True)
    except (InvalidDicomError, ValueError, EOFError) as error:
        raise Problem(502, "an object is no instance of the archive") from error


def _written(lying: list[Any], images: dict[str, Dataset], series: str, state: str) -> bytes:
    from huizhen.api.presentation import presentation_state, uid_of

    made = presentation_state(lying, images, (uid_of([series]), uid_of([state])), version("huizhen"))
    out = io.BytesIO()
    dcmwrite(out, made, enforce_file_format=True)
    return out.getvalue()


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _digest_of(drawings: list[Drawn]) -> str:
    return _digest(*(one.drawing.model_dump_json() for one in drawings))
