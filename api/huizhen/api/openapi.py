"""The OpenAPI document: what FastAPI makes of the routes, the one shape of errors, and the paths of sockets."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIWebSocketRoute, iter_route_contexts

from huizhen.api.problem import ProblemBody

VERSION = "3.2.0"  # the first that describes streams of events
SOCKETS = "x-websockets"


def install(app: FastAPI) -> None:
    """Let `app.openapi()` give the document."""

    def document() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi_version = VERSION
    app.openapi = document  # type: ignore[method-assign] # FastAPI's documented way


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=app.title, version=app.version, openapi_version=VERSION, summary=app.summary, routes=app.routes
    )
    made["components"]["schemas"]["ProblemBody"] = ProblemBody.model_json_schema()
    made[SOCKETS] = sockets(app)
    return made


def sockets(app: FastAPI) -> list[str]:
    """List the paths of WebSockets."""
    contexts = iter_route_contexts(app.routes)
    return [str(one.path) for one in contexts if isinstance(one.original_route, APIWebSocketRoute)]
