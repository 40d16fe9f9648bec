"""Serve the built page: its own files only, with the right types; nothing of it is a secret."""

import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).with_name("page")
INDEX = "index.html"
KEPT = "public, max-age=31536000, immutable"  # names of files under assets/ hold their content's digest
NOT_BUILT = "The page is not built: run `make page`. The API serves under /v1.\n"
TYPES = {".wasm": "application/wasm", ".js": "text/javascript", ".webmanifest": "application/manifest+json"}


def install(app: FastAPI, folder: Path) -> None:
    """Serve each file of the built page; where it is not built, say so.

    The files are listed once, here: what is not on the list is not looked for, and the API's own paths stay its own.
    """
    for suffix, media_type in TYPES.items():
        mimetypes.add_type(media_type, suffix)
    if not (folder / INDEX).is_file():
        app.add_route("/", _not_built, ["GET"], include_in_schema=False)
        return
    files = StaticFiles(directory=folder)
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and not one.is_symlink()):
        name = path.relative_to(folder).as_posix()
        app.add_route(f"/{name}", _serve(files, name), ["GET", "HEAD"], include_in_schema=False)
    app.add_route("/", _serve(files, INDEX), ["GET", "HEAD"], include_in_schema=False)


def _serve(files: StaticFiles, name: str) -> Callable[[Request], Awaitable[Response]]:
    cache = KEPT if name.startswith("assets/") else "no-cache"

    async def serve(request: Request) -> Response:
        answer = await files.get_response(name, request.scope)
        answer.headers["cache-control"] = cache
        return answer

    return serve


async def _not_built(request: Request) -> Response:
    return PlainTextResponse(NOT_BUILT, 503)
