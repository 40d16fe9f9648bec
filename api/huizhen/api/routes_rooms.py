"""What a consultation's room needs besides its socket: tickets, invitations, and the chat with its images."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request, Response, Security
from pydantic import BaseModel, ConfigDict, Field

from huizhen.api import audit, problem
from huizhen.api.access import Access, digest_of
from huizhen.api.chat_images import as_pixels
from huizhen.api.consult import FINAL, Consult, Invited
from huizhen.api.consult_events import consult_of, event_of
from huizhen.api.guard import BEARER, Allow, GuardedRoute, Of, too_many
from huizhen.api.parts import Parts, parts_of
from huizhen.api.problem import Problem, absent
from huizhen.api.roles import Right
from huizhen.api.room_shapes import Said
from huizhen.api.tickets import LIFE_S, Ticket
from huizhen.schemas.ids import ConsultId, SessionId, TenantId
from huizhen.schemas.keys import message_key

WATCH = audit.Act(audit.Code.ACCESSED, "R")
UPDATE = audit.Act(audit.Code.PROCEDURE, "U")
INVITE_S_MAX = 24 * 3600
TEXT_MAX_CHARS = 4_000
BYTES = {"type": "string", "format": "binary"}
CONFLICT: dict[int | str, dict[str, Any]] = {409: problem.describe(409)}
IMAGES: dict[str, Any] = {
    "requestBody": {"required": True, "content": {f"image/{kind}": {"schema": BYTES} for kind in ("png", "jpeg")}}
}
BODIES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The message", "content": {"text/plain": {}, "image/png": {}, "image/jpeg": {}}},
    502: problem.describe(502),
}
router = APIRouter(
    prefix="/v1/consults/{consult}", tags=["rooms"], route_class=GuardedRoute, dependencies=[Security(BEARER)],
    responses=problem.RESPONSES,
)  # fmt: skip
Member = Annotated[Access, Depends(Allow(Right.WATCH, WATCH, Of.CONSULT))]
Writer = Annotated[Access, Depends(Allow(Right.WATCH, UPDATE, Of.CONSULT))]
Granter = Annotated[Access, Depends(Allow(Right.GRANT, UPDATE, Of.CONSULT))]
Invitee = Annotated[Access, Depends(Allow(Right.WATCH, UPDATE, Of.INVITE))]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class InviteBody(_Body):
    """What whoever follows the link may do, and for how long."""

    rights: set[Literal["see", "watch", "file", "consult"]] = {"see", "watch"}
    expires_in_s: int = Field(3600, ge=60, le=INVITE_S_MAX)


class RedeemBody(_Body):
    """The secret of an invitation."""

    invite: str = Field(min_length=1, max_length=100)


class TextBody(_Body):
    """A chat message."""

    text: str = Field(min_length=1, max_length=TEXT_MAX_CHARS)


class InviteView(BaseModel):
    """An invitation: its secret is told once, to whoever made it, and lets one person in."""

    invite: str
    expires_at: str


class RedeemedView(BaseModel):
    """Where an invitation leads."""

    consult: str
    session: str
    tenant: str


class RoomTicketView(BaseModel):
    """A one-use ticket: the first message on the room's socket names it."""

    ticket: str
    expires_in_s: int


class MessageView(BaseModel):
    """Where a message's body is."""

    sha256: str
    media_type: str
    size_bytes: int


@router.post("/tickets", status_code=201, responses=CONFLICT)
async def make_room_ticket(consult: str, access: Member, request: Request) -> RoomTicketView:
    """Give a ticket for the room's socket: one use, 60 seconds."""
    parts, found = parts_of(request), _open(access)
    secret = parts.secret()
    asked = found.requested
    ticket = Ticket(
        access.principal, TenantId(asked.tenant), SessionId(asked.session), parts.now_s + LIFE_S, consult=found.id
    )
    if not parts.tickets.add(secret, ticket, parts.now_s):
        raise too_many(LIFE_S)
    return RoomTicketView(ticket=secret, expires_in_s=LIFE_S)


@router.post("/invites", status_code=201, responses=CONFLICT)
async def invite(consult: str, body: InviteBody, access: Granter, request: Request) -> InviteView:
    """Make a link's secret: whoever is signed in, anywhere in the alliance, and uses it first is let in."""
    parts, found = parts_of(request), _open(access)
    secret = parts.secret()
    until_s = int(parts.now_s) + body.expires_in_s
    digest = digest_of(secret)
    event = replace(
        event_of(parts, access, "invited", Invited(invite=digest).model_dump_json()),
        rights=sorted(body.rights), expires_at_s=until_s,
    )  # fmt: skip
    await parts.log.append(event)
    if digest not in found.invites:
        raise Problem(409, "too many invitations are open, or the consultation ended")
    return InviteView(invite=secret, expires_at=datetime.fromtimestamp(until_s, UTC).isoformat())


@router.post("/redeem", responses=CONFLICT)
async def redeem(consult: str, body: RedeemBody, access: Invitee, request: Request) -> RedeemedView:
    """Use an invitation up; of two who try, the first in the log is let in."""
    parts, found = parts_of(request), _open(access)
    digest = digest_of(body.invite)
    invitation = found.invitation(digest, parts.now_s)
    if invitation is None:
        raise absent()
    event = replace(
        event_of(parts, access, "granted", Invited(invite=digest).model_dump_json()),
        rights=invitation.rights, expires_at_s=invitation.expires_at_s,
    )  # fmt: skip
    await parts.log.append(event)
    if (event.institution, event.subject) not in found.grants:
        raise Problem(409, "somebody used this invitation before")
    asked = found.requested
    return RedeemedView(consult=found.id, session=asked.session, tenant=asked.tenant)


@router.post("/messages", status_code=201, responses=CONFLICT)
async def say(consult: str, body: TextBody, access: Writer, request: Request) -> MessageView:
    """Say something in the room."""
    return await _say(parts_of(request), access, body.text.encode("utf-8", "replace"), "text/plain")


@router.post("/images", status_code=201, responses=CONFLICT, openapi_extra=IMAGES)
async def show_image(consult: str, access: Writer, request: Request) -> MessageView:
    """Show a PNG or JPEG in the chat: its pixels alone, coded anew, without anything else that the file held."""
    content = await request.body()
    pixels, media_type = await asyncio.to_thread(as_pixels, content)
    return await _say(parts_of(request), access, pixels, media_type)


@router.get("/messages/{sha256}", response_class=Response, responses=BODIES)
async def get_message(
    consult: str, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")], access: Member, request: Request
) -> Response:
    """Give a message's body."""
    parts, found = parts_of(request), consult_of(access)
    known = [one for one in parts.world.rooms.find(found.id).messages if one.said.sha256 == sha256]
    if not known:
        raise absent()
    content = await parts.objects.get(known[0].object_key, sha256)
    headers = {"cache-control": "private, no-cache", "content-disposition": "attachment"}
    return Response(content, headers=headers, media_type=known[0].said.media_type)


async def _say(
    parts: Parts, access: Access, content: bytes, media_type: Literal["text/plain", "image/png", "image/jpeg"]
) -> MessageView:
    found = _open(access)
    sha256 = hashlib.sha256(content).hexdigest()
    key = message_key(TenantId(found.requested.tenant), ConsultId(found.id), sha256)
    await parts.objects.put(key, content, media_type)  # the object first: a reference never points at nothing
    said = Said(sha256=sha256, media_type=media_type, size_bytes=len(content))
    await parts.log.append(replace(event_of(parts, access, "message", said.model_dump_json()), object_key=key))
    return MessageView(**said.model_dump())


def _open(access: Access) -> Consult:
    found = consult_of(access)
    if found.state in FINAL:
        raise Problem(409, f"the consultation is {found.state}")
    return found
