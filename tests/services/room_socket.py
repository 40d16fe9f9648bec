"""Participants of a consultation room, on the api's app with fakes around it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from huizhen.schemas.events import ConsultEvent
from tests.services.asgi_socket import Socket, connect
from tests.services.fake_api import ORIGIN, FakeApi
from tests.services.fake_station import FakeStation

ROOM = "/v1/rooms/c-1"
PROTOCOL = ("huizhen.room.v1",)
BOB = {"subject": "bob", "institution": "hospital"}
DRAWING = {"id": "d-1", "kind": "arrow", "source": "probe", "number": 7, "points": [[1, 2], [3, 4]]}


def consult(kind: str, subject: str = "ann", institution: str = "clinic", **more: object) -> ConsultEvent:
    return ConsultEvent("c-1", kind, 1, subject, institution, "clinic", "exam-1", **more)  # type: ignore[arg-type]


def clinic(**settings: object) -> FakeApi:
    """A clinic that asked for a consultation, and an expert of a hospital whom it let in."""
    api = FakeApi(**settings)  # type: ignore[arg-type]
    until = int(api.now_s) + 3_600
    api.take(
        FakeStation("clinic").announced(),
        consult("requested"),
        consult("granted", **BOB, rights=["see", "watch", "consult"], expires_at_s=until),
    )
    return api


async def ticket_of(api: FakeApi, role: str, **who: str) -> str:
    async with api.client(role, **who) as client:
        answer = await client.post("/v1/consults/c-1/tickets")
    api.audit.take()
    return str(answer.json().get("ticket", "none"))


@asynccontextmanager
async def entered(api: FakeApi, role: str = "requester", **who: str) -> AsyncIterator[Socket]:
    """Come in; what is told first is still to be received."""
    ticket = await ticket_of(api, role, **who)
    async with connect(api.app, ROOM, ORIGIN, PROTOCOL) as socket:
        await socket.text({"type": "join", "ticket": ticket})
        yield socket


def showing(n: int, number: int) -> dict[str, object]:
    return {"type": "view", "n": n, "view": {"stored": {"source": "probe", "number": number}}}
