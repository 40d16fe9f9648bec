"""Sign in, renew, sign out: `POST /v1/sign-in`, `/v1/refresh`, `/v1/sign-out`."""

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request, Response, Security
from pydantic import BaseModel, ConfigDict, Field

from huizhen.api import audit, problem
from huizhen.api.access import Access, Denied
from huizhen.api.auth import SIGNED_IN_MAX_S, TOKEN_MAX_CHARS, BadToken
from huizhen.api.guard import BEARER, Allow, GuardedRoute, deny, too_many
from huizhen.api.parts import Parts, parts_of
from huizhen.api.presence import digest_of
from huizhen.api.principal import Principal
from huizhen.api.problem import Problem
from huizhen.api.signin import LocalIssuer

SIGN_IN = audit.Act(audit.Code.AUTHENTICATION, "E")
log = structlog.get_logger()
open_router = APIRouter(prefix="/v1", tags=["sign in"])
"""The only routes without a door: they make the key"""
router = APIRouter(
    prefix="/v1", tags=["sign in"], route_class=GuardedRoute, dependencies=[Security(BEARER)],
    responses=problem.RESPONSES,
)  # fmt: skip


class SignInBody(BaseModel):
    """A one-use code, as `huizhen up` prints it."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(min_length=1, max_length=TOKEN_MAX_CHARS)


class TokenView(BaseModel):
    """An access token for `Authorization: Bearer`."""

    access_token: str
    expires_in: int
    subject: str
    roles: list[str]


@open_router.post(
    "/sign-in", responses={status: problem.RESPONSES[status] for status in (400, 401, 404, 413, 422, 429, 503)}
)
async def sign_in(body: SignInBody, request: Request, response: Response) -> TokenView:
    """Turn a one-use code into an access token of ten minutes."""
    parts = parts_of(request)
    issuer = _issuer(parts)
    doing = audit.Doing(SIGN_IN, "POST", "/v1/sign-in", parts.secret(), parts.now_ns())
    try:
        principal, jti = issuer.sign_in(body.code, parts.now_s)
    except BadToken as error:
        log.debug("sign_in_refused", error=str(error))
        wait_s = parts.rates.of_failed_sign_in(request.client.host if request.client else "")
        if wait_s is not None:  # a good code never comes here: nobody can lock others out
            raise too_many(wait_s) from error
        raise deny(parts, doing, None, Denied(401, "bad sign-in code", serious=True)) from error
    await asyncio.to_thread(parts.used_codes.add, jti, principal.expires_at_s)
    parts.audit.write(audit.signed_in(doing, principal))
    return _token(parts, issuer, principal, response)


@router.post("/refresh")
async def refresh(
    access: Annotated[Access, Depends(Allow(None, SIGN_IN))], request: Request, response: Response
) -> TokenView:
    """Renew an access token, until 12 hours after the sign-in."""
    parts = parts_of(request)
    return _token(parts, _issuer(parts), access.principal, response)


@router.post("/sign-out", status_code=204)
async def sign_out(access: Annotated[Access, Depends(Allow(None, SIGN_IN))], request: Request) -> None:
    """End a sign-in: its tokens count no more, after a restart either, and its open sockets close."""
    parts = parts_of(request)
    parts.presence.sign_out(access.principal, parts.now_s)
    await asyncio.to_thread(parts.ended.add, digest_of(access.principal), parts.now_s + SIGNED_IN_MAX_S)


def _issuer(parts: Parts) -> LocalIssuer:
    if parts.issuer is None:
        raise Problem(404, "tokens come from an outside issuer here: sign in there")
    return parts.issuer


def _token(parts: Parts, issuer: LocalIssuer, principal: Principal, response: Response) -> TokenView:
    try:
        token, life_s = issuer.token(principal, parts.now_s)
    except BadToken as error:
        raise Problem(401, "signed in for 12 hours: sign in again") from error
    response.headers["cache-control"] = "no-store"
    return TokenView(access_token=token, expires_in=life_s, subject=principal.subject, roles=sorted(principal.roles))
