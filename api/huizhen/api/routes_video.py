"""Video of a running exam by WHEP (draft-ietf-wish-whep): `/v1/sessions/{session}/whep`.

An offer comes whole: candidates cannot be sent later (`PATCH` is 405, as the draft allows). `OPTIONS` names the relays,
so that a player can gather before it offers.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response, Security

from huizhen.api import audit, problem
from huizhen.api.access import Access
from huizhen.api.guard import BEARER, Allow, GuardedRoute, Of
from huizhen.api.live_join import stream_of
from huizhen.api.parts import Parts, VideoDoor, parts_of
from huizhen.api.problem import Problem, absent
from huizhen.api.roles import Right
from huizhen.api.sdp import OFFER_MAX_BYTES
from huizhen.api.turn import links

READ = audit.Act(audit.Code.QUERY, "R")
WATCH = audit.Act(audit.Code.ACCESSED, "R")
SDP = "application/sdp"
TEXT = {"type": "string"}
OFFER: dict[str, Any] = {"requestBody": {"required": True, "content": {SDP: {"schema": TEXT}}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"description": "The SDP answer; `Location` names the video", "content": {SDP: {"schema": TEXT}}},
    415: problem.describe(415),
    501: problem.describe(501),
}
OFFERED: dict[int | str, dict[str, Any]] = {
    204: {"description": "`Link` names the relays, with credentials"},
    501: problem.describe(501),
}
router = APIRouter(
    prefix="/v1/sessions/{session}/whep", tags=["video"], route_class=GuardedRoute, dependencies=[Security(BEARER)],
    responses=problem.RESPONSES,
)  # fmt: skip
Viewer = Annotated[Access, Depends(Allow(Right.WATCH, WATCH, Of.SESSION))]


@router.options("", status_code=204, responses=OFFERED)
async def video_relays(
    session: str, access: Annotated[Access, Depends(Allow(Right.WATCH, READ, Of.SESSION))], request: Request
) -> Response:
    """Say what a player needs before it offers."""
    return Response(status_code=204, headers=_said(_door(parts_of(request))))


@router.post("", status_code=201, response_class=Response, responses=ANSWERS, openapi_extra=OFFER)
async def begin_video(
    session: str,
    access: Viewer,
    request: Request,
    source: Annotated[str, Query(max_length=64, description="Empty: the session's first")] = "",
) -> Response:
    """Answer an SDP offer with the live video of a source, which is lossy."""
    parts = parts_of(request)
    door = _door(parts)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != SDP:
        raise Problem(415, f"send the offer as {SDP}")
    offer = await request.body()
    if len(offer) > OFFER_MAX_BYTES:
        raise Problem(413, f"an offer has at most {OFFER_MAX_BYTES} bytes")
    stream = stream_of(access, source)
    if stream is None:
        raise absent()
    begun = await door.begin(access, stream, offer)
    place = f"/v1/sessions/{session}/whep/{begun.id}"
    return Response(begun.answer, 201, {**_said(door), "location": place}, SDP)


@router.delete("/{video}", response_class=Response, responses={200: {"description": "It ends"}})
async def end_video(session: str, video: str, access: Viewer, request: Request) -> Response:
    """End a video that one watches oneself."""
    door = parts_of(request).video
    if door is None or not door.end(video, access):
        raise absent()
    return Response(status_code=200)


def _door(parts: Parts) -> VideoDoor:
    if parts.video is None:
        raise Problem(501, "no video here: the site sets video.addresses or video.turn_urls")
    return parts.video


def _said(door: VideoDoor) -> dict[str, str]:
    said = {"accept-post": SDP, "cache-control": "no-store"}
    relays = links(door.ice_server())
    return said | {"link": relays} if relays else said
