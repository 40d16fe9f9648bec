"""The auth dependency: the only door to every route. It decides, and writes down each decision exactly once.

A route says what it asks for with `Allow(...)`; one without it cannot be built (`GuardedRoute`). The door is asked
before the body is read, so that a stranger learns nothing from what is wrong with it.
"""

import json
from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from huizhen.api import audit
from huizhen.api.access import Access, Denied, find_consult, find_invited, find_session, find_study, role_denies
from huizhen.api.auth import BadToken
from huizhen.api.parts import Parts, parts_of
from huizhen.api.principal import Principal
from huizhen.api.problem import Problem, absent, route_of
from huizhen.api.roles import Right
from huizhen.schemas.errors import Unavailable

log = structlog.get_logger()
PLAYED = ("session", "uid")
CHALLENGE = {"www-authenticate": 'Bearer realm="huizhen"'}
BEARER = HTTPBearer(auto_error=False, bearerFormat="JWT", scheme_name="bearer", description="An access token")
"""For the OpenAPI document alone; `Allow` is the check"""


class Of(StrEnum):
    """Where a route names the thing it is about."""

    NOTHING = "nothing"
    SESSION = "session"
    """Path parameter `session`"""
    BODY_SESSION = "body_session"
    """Field `session` of the JSON body"""
    CONSULT = "consult"
    """Path parameter `consult`"""
    INVITE = "invite"
    """Path parameter `consult`, and field `invite` of the JSON body that lets into it"""
    STUDY = "study"
    """Path parameters `consult`, and `session`: an exam of the consultation's patient"""


class Allow:
    """Lets in whoever has the right, and nobody else."""

    def __init__(self, right: Right | None, act: audit.Act, of: Of = Of.NOTHING, frames: bool = False) -> None:
        self.right = right
        """None: whoever is signed in"""
        self.act = act
        self.of = of
        self.frames = frames
        """Whether it gives frames of a stored instance (`uid`): counted apart, and written down once per playback"""

    async def __call__(self, request: Request) -> Access:
        """Give the access, deciding it where that was not done yet; raises Problem."""
        known: Access | None = getattr(request.state, "access", None)
        if known is None:
            known = request.state.access = await self._enter(request)
        return known

    async def _enter(self, request: Request) -> Access:
        parts = parts_of(request)
        doing = audit.Doing(self.act, request.method, route_of(request), parts.secret(), parts.now_ns())
        principal = await authenticate(request, parts, doing)
        wait_s = parts.rates.of_subject(principal.institution, principal.subject, self.frames)
        if wait_s is not None:
            raise too_many(wait_s)
        if not parts.world.ready:
            raise Unavailable("the log of sessions (it is still being read)", 2.0)
        found = await self._decide(request, parts, principal)
        if isinstance(found, Denied):
            raise deny(parts, doing, principal, found)
        self._write(parts, doing, found, request)
        return found

    def _write(self, parts: Parts, doing: audit.Doing, access: Access, request: Request) -> None:
        """Write an access down: each one, but only the first frame of a playback."""
        path = request.path_params
        session = access.session
        playback = (*access.principal.key, session.tenant if session else "", *(str(path.get(key)) for key in PLAYED))
        if self.frames and parts.playbacks.is_written(playback, parts.now_s):
            return
        parts.audit.write(audit.accessed(doing, access))
        if self.frames:
            parts.playbacks.wrote(playback, parts.now_s)

    async def _decide(self, request: Request, parts: Parts, principal: Principal) -> Access | Denied:
        if self.right is None:
            return Access(principal, Right.SEE)
        denied = role_denies(principal, self.right)
        if denied is not None or self.of is Of.NOTHING:
            return denied or Access(principal, self.right)
        if "consult" in request.path_params:
            return await self._consulted(request, parts, principal, self.right)
        name = await self._name(request)
        grants = parts.world.queue.grants(principal.institution, principal.subject, parts.now_s)
        session = find_session(principal, self.right, name, parts.world.sessions, grants)
        return session if isinstance(session, Denied) else Access(principal, self.right, session=session)

    async def _consulted(self, request: Request, parts: Parts, principal: Principal, right: Right) -> Access | Denied:
        """Decide what hangs on a consultation."""
        queue, name = parts.world.queue, str(request.path_params["consult"])
        if self.of is Of.INVITE:
            found = find_invited(name, await self._name(request), queue, parts.now_s)
        else:
            found = find_consult(principal, right, name, queue, parts.now_s)
        if isinstance(found, Denied) or self.of is not Of.STUDY:
            return found if isinstance(found, Denied) else Access(principal, right, consult=found)
        session = find_study(found, str(request.path_params["session"]), parts.world.sessions)
        return session if isinstance(session, Denied) else Access(principal, right, session, found)

    async def _name(self, request: Request) -> str:
        if self.of is Of.SESSION:
            return str(request.path_params[self.of])
        wanted = "invite" if self.of is Of.INVITE else "session"
        try:
            body = json.loads(await request.body())
        except (ValueError, RecursionError) as error:
            raise Problem(422, "body: no JSON") from error
        name = body.get(wanted) if isinstance(body, dict) else None
        if not isinstance(name, str) or not name:
            raise Problem(422, f"body: an object with a field `{wanted}` is needed")
        return name


async def authenticate(request: Request, parts: Parts, doing: audit.Doing) -> Principal:
    """Give the verified bearer; raises a 401 that is written down."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    denial = Denied(401, "no bearer token")
    if scheme.lower() == "bearer" and token:
        try:
            principal = await parts.tokens.principal_of(token.strip(), parts.now_s)
        except BadToken as error:
            log.debug("token_refused", error=str(error))
            denial = Denied(401, "bad token", serious=True)
        else:
            if not parts.presence.is_out(principal):
                parts.presence.seen(principal)
                return principal
            denial = Denied(401, "signed out")
    wait_s = parts.rates.of_stranger()
    raise too_many(wait_s) if wait_s is not None else deny(parts, doing, None, denial)


def deny(parts: Parts, doing: audit.Doing, principal: Principal | None, denial: Denied) -> Problem:
    """Write a denial down and make its answer."""
    parts.metrics.denials.labels(str(denial.status)).inc()
    parts.audit.write(audit.denied(doing, principal, denial, parts.settings.api.alliance))
    if denial.status == 401:
        return Problem(401, "a valid bearer token is needed", CHALLENGE)
    return absent() if denial.status == 404 else Problem(denial.status, "your role does not include this")


def too_many(wait_s: int) -> Problem:
    """Make the answer to one request too many."""
    return Problem(429, f"try again in {wait_s} s", {"retry-after": str(wait_s)})


class GuardedRoute(APIRoute):
    """A route that asks its door first; it cannot be built without one."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Ask the door before FastAPI reads the body."""
        handle = super().get_route_handler()
        doors = [one.call for one in self.dependant.dependencies if isinstance(one.call, Allow)]
        if len(doors) != 1:
            raise TypeError(f"route {self.path} has {len(doors)} doors: every route needs exactly one Allow")
        door = doors[0]

        async def guarded(request: Request) -> Response:
            await door(request)
            return await handle(request)

        return guarded
