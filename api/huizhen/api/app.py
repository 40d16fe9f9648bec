"""Build the app: routes, errors, headers. Nothing happens at import; everything it needs is handed in."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from huizhen.api import (
    health,
    live_socket,
    openapi,
    page,
    problem,
    room_socket,
    routes_consults,
    routes_events,
    routes_files,
    routes_presentation,
    routes_rooms,
    routes_sessions,
    routes_signin,
    routes_stored,
    routes_studies,
    routes_video,
)
from huizhen.api.headers import BodyLimits, Guardrails, content_security_policy
from huizhen.api.parts import Parts

SUMMARY = "Live imaging exams, their archive and joint consultations. Not for diagnosis."


def create_app(parts: Parts, checks: Mapping[str, health.Check], folder: Path = page.FOLDER) -> FastAPI:
    """Build the app around its parts."""
    app = described_app(checks)
    app.state.parts = parts
    problem.install(app)
    page.install(app, folder)
    _wrap(app, parts)
    return app


def described_app(checks: Mapping[str, health.Check]) -> FastAPI:
    """Build the routes alone: enough for the OpenAPI document."""
    app = FastAPI(
        title="Huizhen", version=version("huizhen"), summary=SUMMARY,
        docs_url=None, redoc_url=None, openapi_url=None,
    )  # fmt: skip
    for router in (
        health.router(checks), routes_signin.open_router, routes_signin.router, routes_sessions.router,
        routes_consults.router, routes_events.router, routes_stored.router, routes_rooms.router,
        routes_presentation.router, routes_studies.router, routes_files.router, routes_video.router,
        live_socket.router, room_socket.router,
    ):  # fmt: skip
        app.include_router(router)
    openapi.install(app)
    return app


def _wrap(app: FastAPI, parts: Parts) -> None:
    settings = parts.settings.api
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST", "DELETE", "OPTIONS"],
            allow_headers=["authorization", "content-type", "idempotency-key", "last-event-id", "if-none-match"],
            expose_headers=["etag", "retry-after", "location", "link", *routes_stored.SAID],
        )
    sockets = sorted("ws" + origin.removeprefix("http") for origin in parts.origins)
    app.add_middleware(
        Guardrails,
        policy=content_security_policy(sockets),
        limits=BodyLimits(settings.body_max_bytes, settings.upload_max_bytes),
        metrics=parts.metrics,
    )
