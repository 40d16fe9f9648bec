"""Serve the built page: its own files only, with the right types; nothing of it is a secret."""

import mimetypes
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).with_name("page")
NOT_BUILT = "The page is not built: run `make page`. The API serves under /v1.\n"
TYPES = {".wasm": "application/wasm", ".js": "text/javascript", ".webmanifest": "application/manifest+json"}


class PageFiles(StaticFiles):
    """Files with hashed names are kept by browsers for ever, the others are asked for each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serve a file."""
        answer = await super().get_response(path, scope)
        hashed = path.startswith("assets/") and answer.status_code in (200, 304)
        answer.headers["cache-control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return answer


def install(app: FastAPI, folder: Path) -> None:
    """Mount the page at `/`; where it is not built, say so."""
    for suffix, media_type in TYPES.items():
        mimetypes.add_type(media_type, suffix)
    if (folder / "index.html").is_file():
        app.mount("/", PageFiles(directory=folder, html=True), name="page")
        return

    async def not_built(request: Request) -> PlainTextResponse:
        if request.url.path != "/":
            raise HTTPException(404)
        return PlainTextResponse(NOT_BUILT, 503)

    app.add_route("/{path:path}", not_built, ["GET"], include_in_schema=False)
