"""A patient's files from elsewhere: `/v1/consults/{consult}/files`: uploaded by people or found in the store.

They hold the patient's identity, and nobody knows a mask for them: whoever may not have DICOM files sees only that they
are there.
"""

import asyncio
import hashlib
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response, Security
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from huizhen.api import audit, problem
from huizhen.api.access import Access, may_use, role_denies
from huizhen.api.consult import FINAL
from huizhen.api.consult_events import consult_of
from huizhen.api.file_shapes import Report
from huizhen.api.files import DICOM, FILES_MAX, SUFFIXES, TEXT, File, Stored
from huizhen.api.guard import BEARER, Allow, GuardedRoute, Of
from huizhen.api.parts import Parts, parts_of
from huizhen.api.patient import is_of, scope_of
from huizhen.api.problem import Problem, absent
from huizhen.api.roles import Right
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.events import Announced
from huizhen.schemas.ids import TenantId
from huizhen.schemas.keys import file_key

QUERY = audit.Act(audit.Code.QUERY, "R")
ACCESSED = audit.Act(audit.Code.ACCESSED, "R")
EXPORT = audit.Act(audit.Code.EXPORT, "R")
IMPORT = audit.Act(audit.Code.IMPORT, "C")
UPLOAD_S = 300.0  # 64 MiB at 220 KB/s; a slower one would hold a place that others wait for
PDF = "application/pdf"
BYTES = {"type": "string", "format": "binary"}
UPLOADS: dict[str, Any] = {"requestBody": {"required": True, "content": {kind: {"schema": BYTES} for kind in SUFFIXES}}}
TAKEN: dict[int | str, dict[str, Any]] = {status: problem.describe(status) for status in (408, 409, 415)}
STORED: dict[int | str, dict[str, Any]] = {304: {"description": "It is the one you have"}, 502: problem.describe(502)}
CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {DICOM: {"schema": BYTES}, TEXT: {"schema": BYTES}}},
    **STORED,
}
DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The PDF", "content": {PDF: {"schema": BYTES}}},
    502: problem.describe(502),
}
router = APIRouter(
    prefix="/v1/consults/{consult}/files", tags=["patient's files"], route_class=GuardedRoute,
    dependencies=[Security(BEARER)], responses=problem.RESPONSES,
)  # fmt: skip
Lister = Annotated[Access, Depends(Allow(Right.WATCH, QUERY, Of.CONSULT))]
Importer = Annotated[Access, Depends(Allow(Right.FILE, IMPORT, Of.CONSULT))]
Exporter = Annotated[Access, Depends(Allow(Right.FILE, EXPORT, Of.CONSULT))]
Reader = Annotated[Access, Depends(Allow(Right.FILE, ACCESSED, Of.CONSULT))]
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


class FileView(BaseModel):
    """A file; of one that the reader may not open only what kind it is."""

    sha256: str
    kind: Literal["images", "sr", "pdf", "text"]
    modality: str
    title: str
    study_date: str
    frames: int
    rows: int
    columns: int
    size_bytes: int
    names_patient: bool
    """Whether the file itself names the exam's patient; else a person said so"""


class FilesView(BaseModel):
    """A patient's files from elsewhere."""

    may_open: bool
    files: list[FileView]
    left_out: int
    """Files that cannot be read or are too many"""


@router.get("")
async def list_files(consult: str, access: Lister, request: Request) -> FilesView:
    """List the files of the consultation's patient, uploaded or found in the store."""
    parts, patient = parts_of(request), _patient(parts_of(request), access)
    opens = _opens(parts, access)
    found = await parts.files.listed(TenantId(patient.tenant), scope_of(patient))
    return FilesView(may_open=opens, files=[_view(one, patient, opens) for one in found.files], left_out=found.left_out)


@router.post("", status_code=201, responses=TAKEN, openapi_extra=UPLOADS)
async def upload_file(
    *,
    consult: str,
    access: Importer,
    request: Request,
    patient: Annotated[Literal["", "confirmed"], Query()] = "",
    content_type: Annotated[str, Header(max_length=200)] = "",
) -> FileView:
    """Take a DICOM file or a text of the patient; 409 where the file names another, unless a person says who it is."""
    parts, about = parts_of(request), _patient(parts_of(request), access)
    if consult_of(access).state in FINAL:
        raise Problem(409, f"the consultation is {consult_of(access).state}")
    suffix = SUFFIXES.get(content_type.partition(";")[0].strip().lower())
    if suffix is None:
        raise Problem(415, f"a file is sent as {', '.join(SUFFIXES)}")
    if parts.uploading.locked():
        raise Unavailable("a place for uploads (some are under way)", 5.0)
    async with parts.uploading:
        content = await _body(request)
        facts = await parts.files.facts_of(content, suffix)
        if patient != "confirmed" and not is_of(about, facts.patient_id, facts.issuer_of_patient_id):
            raise Problem(409, "the file does not name the patient of this exam: confirm that it is the same person")
        tenant, scope = TenantId(about.tenant), scope_of(about)
        sha256 = hashlib.sha256(content).hexdigest()
        file = File(sha256, Stored(file_key(tenant, scope, sha256, suffix), len(content)), facts)
        known = await parts.files.listed(tenant, scope)
        if len(known.files) >= FILES_MAX and all(one.sha256 != sha256 for one in known.files):
            raise Problem(413, f"this patient has {FILES_MAX} files: no more are kept (FILES_MAX)")
        await parts.files.put(file.stored.key, content, facts)
    return _view(file, about, True)


@router.get("/{sha256}", response_class=Response, responses=CONTENT)
async def get_file(
    consult: str,
    sha256: Sha256,
    access: Exporter,
    request: Request,
    if_none_match: Annotated[str, Header(max_length=1_000)] = "",
) -> Response:
    """Give a file as it was uploaded."""
    parts, tag = parts_of(request), f'"{sha256}"'
    file = await _find(parts, access, sha256)
    if tag in if_none_match:
        return Response(status_code=304, headers={"etag": tag})
    headers = {"etag": tag, "cache-control": "private, no-cache", "content-disposition": "attachment"}
    media_type = TEXT if file.facts.kind == "text" else DICOM
    return Response(await parts.files.content(file), headers=headers, media_type=media_type)


@router.get("/{sha256}/report", responses={502: problem.describe(502)})
async def get_report(consult: str, sha256: Sha256, access: Reader, request: Request) -> Report:
    """Give a report's content as plain text in its structure: a structured report, a text, or the title of a PDF."""
    parts = parts_of(request)
    file = await _find(parts, access, sha256)
    if file.facts.kind == "images":
        raise absent()
    return await parts.files.report(file)


@router.get("/{sha256}/document", response_class=Response, responses=DOCUMENT)
async def get_document(consult: str, sha256: Sha256, access: Exporter, request: Request) -> Response:
    """Give the PDF of an encapsulated document."""
    parts = parts_of(request)
    file = await _find(parts, access, sha256)
    if file.facts.kind != "pdf":
        raise absent()
    headers = {"cache-control": "private, no-store", "content-disposition": f'attachment; filename="{sha256[:12]}.pdf"'}
    return Response(await parts.files.document(file), headers=headers, media_type=PDF)


async def _body(request: Request) -> bytes:
    try:
        async with asyncio.timeout(UPLOAD_S):
            return await request.body()
    except TimeoutError:
        raise Problem(408, f"a file comes within {UPLOAD_S:g} s (UPLOAD_S)") from None
    except ClientDisconnect:
        raise Problem(400, "the upload broke off") from None


def _patient(parts: Parts, access: Access) -> Announced:
    """Give the announcement of the consultation's exam: whose files these are."""
    asked = consult_of(access).requested
    session = parts.world.sessions.find(asked.tenant, asked.session)
    if session is None or session.announced is None:
        raise absent()
    return session.announced


async def _find(parts: Parts, access: Access, sha256: str) -> File:
    patient = _patient(parts, access)
    found = await parts.files.find(TenantId(patient.tenant), scope_of(patient), sha256)
    if found is None:
        raise absent()
    return found


def _opens(parts: Parts, access: Access) -> bool:
    """Say whether the reader may open files as well as see that they are there."""
    principal = access.principal
    allowed = may_use(principal, Right.FILE, consult_of(access), parts.now_s)
    return allowed and role_denies(principal, Right.FILE) is None


def _view(file: File, patient: Announced, opens: bool) -> FileView:
    facts = file.facts
    return FileView(
        sha256=file.sha256,
        kind=facts.kind,
        modality=facts.modality,
        title=facts.title if opens else "",
        study_date=facts.study_date if opens else "",
        frames=facts.frames,
        rows=facts.rows,
        columns=facts.columns,
        size_bytes=file.stored.size_bytes,
        names_patient=is_of(patient, facts.patient_id, facts.issuer_of_patient_id),
    )
