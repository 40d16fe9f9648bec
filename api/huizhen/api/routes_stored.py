"""Stored instances of a session: `/v1/sessions/{session}/instances`, their DICOM files and single frames."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response, Security
from pydantic import BaseModel

from huizhen.api import audit, problem
from huizhen.api.access import Access
from huizhen.api.guard import BEARER, Allow, GuardedRoute, Of
from huizhen.api.paging import PAGE, Cursor, Limit, page_of
from huizhen.api.parts import parts_of
from huizhen.api.problem import Problem, absent
from huizhen.api.roles import Right
from huizhen.api.session import Session, Source
from huizhen.api.stored import Instance, find, geometries_of, geometry_of, instances, place
from huizhen.api.teaching import cover_for
from huizhen.api.views import geometry_view
from huizhen.schemas.codestream import MainHeader, read_header
from huizhen.schemas.errors import Bug
from huizhen.schemas.transcode import syntax_of, transcode

ACCESSED = audit.Act(audit.Code.ACCESSED, "R")
EXPORT = audit.Act(audit.Code.EXPORT, "R")
BYTES = {"type": "string", "format": "binary"}
STORED: dict[int | str, dict[str, Any]] = {304: {"description": "It is the one you have"}, 502: problem.describe(502)}
DICOM, CODESTREAM = "application/dicom", "image/jphc"
UID_MAX_CHARS = 64
FRAME_MAX = 1 << 20
FILES = {200: {"description": "A DICOM file", "content": {DICOM: {"schema": BYTES}}}, **STORED}
GEOMETRY, MASKED = "huizhen-geometry", "huizhen-masked"
SAID = {
    GEOMETRY: {"description": "How it is read: JSON, a GeometryView", "schema": {"type": "string"}},
    MASKED: {"description": "Tiles that are blanked for this reader", "schema": {"type": "integer"}},
}
FRAMES = {
    200: {"description": "A JPEG 2000 codestream (HTJ2K)", "content": {CODESTREAM: {"schema": BYTES}}, "headers": SAID},
    **STORED,
}
router = APIRouter(
    prefix="/v1/sessions/{session}", tags=["stored instances"], route_class=GuardedRoute,
    dependencies=[Security(BEARER)], responses=problem.RESPONSES,
)  # fmt: skip
Watcher = Annotated[Access, Depends(Allow(Right.WATCH, ACCESSED, Of.SESSION))]
Player = Annotated[Access, Depends(Allow(Right.WATCH, ACCESSED, Of.SESSION, frames=True))]
Exporter = Annotated[Access, Depends(Allow(Right.FILE, EXPORT, Of.SESSION))]
Uid = Annotated[str, Path(max_length=UID_MAX_CHARS)]
IfNoneMatch = Annotated[str, Header(max_length=1_000)]


class InstanceView(BaseModel):
    """A stored instance; `first` and `last` are numbers of frames of its source."""

    source: str
    sop_instance_uid: str
    series_instance_uid: str
    kind: str
    first: int
    last: int
    frames: int
    runs: list[tuple[int, int, int]]
    """First and last number, and index of the first (from 0), of each run of frames in it"""
    href: str


class InstancesPage(BaseModel):
    """A page of instances by source and first frame."""

    items: list[InstanceView]
    next_cursor: str | None


@router.get("/instances")
async def list_instances(
    session: str, access: Watcher, request: Request, cursor: Cursor = "", limit: Limit = PAGE
) -> InstancesPage:
    """List a session's stored instances by their first frame."""
    return instances_page(session, access, cursor, limit)


@router.get("/instances/{uid}", response_class=Response, responses=FILES)
async def get_instance(
    *,
    session: str,
    uid: Uid,
    access: Exporter,
    request: Request,
    syntax: Annotated[str, Query(alias="transfer-syntax", max_length=UID_MAX_CHARS)] = "",
    if_none_match: IfNoneMatch = "",
) -> Response:
    """Give the DICOM file as stored (HTJ2K), or rewritten: `transfer-syntax` jpeg-ls, jpeg2000, explicit, or a UID."""
    parts, run = parts_of(request), _instance(access, uid).runs[0]
    wanted = syntax_of(syntax) if syntax else None
    tag = f'"{run.object_sha256}{"-" + wanted if wanted else ""}"'
    if tag in if_none_match:
        return Response(status_code=304, headers={"etag": tag})
    content = await parts.objects.get(run.object_key, run.object_sha256)
    if wanted is not None:
        async with parts.transcoding:
            content = await asyncio.to_thread(transcode, content, wanted)
    headers = {
        "etag": tag,
        "cache-control": "private, no-cache",
        "content-disposition": f'attachment; filename="{uid}.dcm"',
    }
    return Response(content, headers=headers, media_type=DICOM)


@router.get("/instances/{uid}/frames/{number}", response_class=Response, responses=FRAMES)
async def get_frame(
    *,
    session: str,
    uid: Uid,
    number: Annotated[int, Path(ge=1, le=FRAME_MAX)],
    access: Player,
    request: Request,
    if_none_match: IfNoneMatch = "",
) -> Response:
    """Give a frame of an instance, from 1, as the codestream that was captured; blanked for those it is blanked for."""
    return await frame_answer(request, access, (uid, number), if_none_match)


def instances_page(session: str, access: Access, cursor: str, limit: int) -> InstancesPage:
    """Give a page of the session's instances."""
    page, following = page_of(instances(_session(access)), place, cursor, limit, rising=True)
    return InstancesPage(items=[_view(session, one) for one in page], next_cursor=following)


async def frame_answer(request: Request, access: Access, wanted: tuple[str, int], if_none_match: str) -> Response:
    """Answer with a frame of the session: `wanted`: SOPInstanceUID, and number of the frame from 1."""
    uid, number = wanted
    parts, run = parts_of(request), _instance(access, uid).runs[0]
    tag = f'"{run.object_sha256}-{number}{"-masked" if access.masked else ""}"'
    if tag in if_none_match:
        return Response(status_code=304, headers={"etag": tag})
    found = await parts.frames.frame(run.object_key, run.object_sha256, number)
    source = _session(access).source(_instance(access, uid).source)
    codestream, header = found.codestream, read_header(found.codestream)[0]
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    geometry = geometry_of(source, found.geometry, header)
    if geometry is not None:
        headers[GEOMETRY] = geometry_view(geometry).model_dump_json()
    if access.masked:
        codestream, blanked = await asyncio.to_thread(_masked, source, codestream, header)
        headers[MASKED] = str(blanked)
    return Response(codestream, headers=headers, media_type=CODESTREAM)


def _masked(source: Source, codestream: bytes, header: MainHeader) -> tuple[bytes, int]:
    """Blank what any geometry of this coding blanks; give the frame and how many tiles of it are blank."""
    known = geometries_of(source, header)
    if not known:
        raise Problem(403, "how this picture is to be blanked for you is not known")
    blanked: set[int] = set()
    for geometry in known:
        cover = cover_for(header, geometry)
        if cover is not None:
            codestream = cover.over(codestream)
            blanked.update(cover.tiles)
    return codestream, len(blanked)


def _session(access: Access) -> Session:
    if access.session is None:
        raise Bug("a session's route without its session")
    return access.session


def _instance(access: Access, uid: str) -> Instance:
    found = find(_session(access), uid)
    if found is None:
        raise absent()
    return found


def _view(session: str, instance: Instance) -> InstanceView:
    return InstanceView(
        source=instance.source,
        sop_instance_uid=instance.uid,
        series_instance_uid=instance.runs[0].series_instance_uid,
        kind=instance.kind,
        first=instance.first,
        last=instance.last,
        frames=instance.frames,
        runs=[(run.first, run.last, run.index) for run in instance.runs],
        href=f"/v1/sessions/{session}/instances/{instance.uid}",
    )
