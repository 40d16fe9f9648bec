"""Every error of the api has one shape: RFC 9457 problem details."""

import math
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from huizhen.schemas.errors import BadId, BadInput, Unavailable

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
TYPE = "urn:huizhen:problem:"
TITLES = {
    400: "The request is not understood",
    401: "Sign in first",
    403: "This is not allowed to you",
    404: "There is no such thing for you",
    405: "This method is not offered here",
    406: "This form is not offered",
    408: "The request took too long",
    409: "Somebody was faster, or the state forbids it",
    413: "The request is too large",
    415: "This kind of body is not accepted",
    422: "A value is wrong",
    429: "Too many requests",
    500: "The server failed",
    501: "This site does not offer it",
    502: "What is stored is damaged",
    503: "The server cannot do this now",
}


class ProblemBody(BaseModel):
    """An RFC 9457 problem."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


@dataclass(eq=False)
class Problem(Exception):
    """An answer that is an error; `detail` never holds patient data or the reason of a foreign thing."""

    status: int
    detail: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {TITLES[self.status]}: {self.detail}"


def absent() -> Problem:
    """Make the one answer for what does not exist and for what belongs to others: they cannot be told apart."""
    return Problem(404, "it does not exist, or nobody let you in")


def body(problem: Problem, path: str) -> dict[str, object]:
    """Give a problem's JSON."""
    slug = TITLES[problem.status].split(",")[0].lower().replace(" ", "-")
    return ProblemBody(
        type=TYPE + slug,
        title=TITLES[problem.status],
        status=problem.status,
        detail=problem.detail,
        instance=path,
    ).model_dump()


def response(problem: Problem, path: str) -> JSONResponse:
    """Make the HTTP response of a problem."""
    headers = {"cache-control": "no-store", **problem.headers}
    return JSONResponse(body(problem, path), problem.status, headers, MEDIA_TYPE)


def of(error: Exception) -> Problem:
    """Turn an error into a problem; what is not foreseen is a 500 without details."""
    match error:
        case Problem():
            return error
        case Unavailable():
            wait_s = max(1, math.ceil(error.retry_after_s))
            return Problem(503, str(error), {"retry-after": str(wait_s)})
        case BadId():
            return absent()
        case BadInput():
            return Problem(422, str(error))
        case RequestValidationError():
            places = "; ".join(f"{'.'.join(str(one) for one in e['loc'])}: {e['msg']}" for e in error.errors()[:5])
            return Problem(422, places)
        case HTTPException():
            status = error.status_code if error.status_code in TITLES else 400
            return Problem(status, "", dict(error.headers or {}))
    return Problem(500, "it is logged; try again")


def install(app: FastAPI) -> None:
    """Make the app answer every error as a problem."""

    async def handle(request: Request, error: Exception) -> JSONResponse:
        problem = of(error)
        if problem.status == 500:
            log.error("request_failed", path=route_of(request), exc_info=error)
        if problem.status == 405:
            problem = Problem(405, headers={"allow": ", ".join(sorted(_methods(app, request)))})
        return response(problem, request.url.path)

    for kind in (Problem, Unavailable, BadInput, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, handle)


def route_of(connection: HTTPConnection) -> str:
    """Give the template of the route that serves a request: it holds no ids."""
    route = connection.scope.get("route")
    return str(getattr(route, "path", "")) or "unknown"


def _methods(app: FastAPI, request: Request) -> set[str]:
    """List what a path offers: FastAPI's own answer names the methods of one of its routes only."""
    found: set[str] = set()
    for one in iter_route_contexts(app.routes):
        if one.methods and one.path_regex.match(request.url.path):
            found |= one.methods
    return found


def describe(status: int) -> dict[str, Any]:
    """Describe an answer for the OpenAPI document."""
    return {"description": TITLES[status], "content": {MEDIA_TYPE: {"schema": SCHEMA}}}


SCHEMA: dict[str, object] = {"$ref": "#/components/schemas/ProblemBody"}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: describe(status) for status in (400, 401, 403, 404, 413, 422, 429, 503)
}
"""What every guarded route may answer besides success, for the OpenAPI document"""
