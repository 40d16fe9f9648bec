"""The live socket against strangers, floods, and readers whose right ends while they watch."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest

from huizhen.api import live_join, live_watch
from huizhen.schemas.events import ConsultEvent
from tests.services.asgi_socket import Closed, Socket, connect
from tests.services.fake_api import ORIGIN, FakeApi
from tests.services.fake_station import FakeStation

LIVE = "/v1/sessions/exam-1/live"


def clinic(**settings: object) -> FakeApi:
    api = FakeApi(**settings)  # type: ignore[arg-type]
    station = FakeStation("clinic")
    api.take(station.announced(), station.geometry())
    return api


@asynccontextmanager
async def watching(api: FakeApi, role: str = "viewer", **who: str) -> AsyncIterator[Socket]:
    """Join, and go on as soon as the server said so."""
    async with api.client(role, **who) as client:
        ticket = (await client.post("/v1/tickets", json={"purpose": "live", "session": "exam-1"})).json()["ticket"]
    api.audit.take()
    async with connect(api.app, LIVE, ORIGIN) as socket:
        await socket.text({"type": "join", "ticket": ticket})
        await socket.said("joined")
        yield socket


def alerts(api: FakeApi) -> list[tuple[str, str]]:
    return [(event.subject, event.reason) for event in api.audit.take() if event.event_code == "110113"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:8080.evil.example", "http://127.0.0.1:9999", ""]
)
async def test_a_foreign_page_may_not_open_a_socket(origin: str) -> None:
    api = clinic()
    async with AsyncExitStack() as stack:
        with pytest.raises(Closed, match="403"):
            await stack.enter_async_context(connect(api.app, LIVE, origin or "null"))
    assert alerts(api) == [("anonymous", "foreign origin")]


async def test_a_program_without_an_origin_may_try() -> None:
    async with connect(clinic().app, LIVE) as socket:
        assert socket.subprotocol == "huizhen.live.v1"


async def test_another_subprotocol_is_refused() -> None:
    async with AsyncExitStack() as stack:
        with pytest.raises(Closed, match="400"):
            await stack.enter_async_context(connect(clinic().app, LIVE, ORIGIN, ("chat",)))


async def test_who_says_nothing_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_join, "JOIN_S", 0.02)
    async with connect(clinic().app, LIVE, ORIGIN) as socket:
        assert await socket.closed() == 4401


@pytest.mark.parametrize(
    "message",
    ["", "{", "null", "[]", '{"type":"painted","number":1,"revision":0}', '{"type":"join"}', "x" * 65_536, "[" * 5_000],
)
async def test_a_first_message_that_is_no_join_ends_the_socket(message: str) -> None:
    async with connect(clinic().app, LIVE, ORIGIN) as socket:
        await socket.text(message)
        assert await socket.closed() in {4401, 1007}


async def test_a_binary_message_ends_the_socket() -> None:
    api = clinic()
    async with connect(api.app, LIVE, ORIGIN) as socket:
        await socket.binary(b"\0" * 10)
        assert await socket.closed() == 4401
    async with watching(api) as socket:
        await socket.binary(b"\0" * 10)
        assert await socket.closed() == 1003


async def test_a_flood_of_messages_ends_the_socket() -> None:
    async with watching(clinic()) as socket:
        for _ in range(60):
            await socket.text({"type": "resolution", "value": "half"})
        assert await socket.closed() == 4429


async def test_a_flood_of_painted_for_frames_never_sent_ends_the_socket() -> None:
    async with watching(clinic()) as socket:
        for number in range(60):
            await socket.text({"type": "painted", "number": number, "revision": 0})
        assert await socket.closed() == 4429


async def test_a_person_has_five_seats_and_gets_one_back_on_leaving() -> None:
    api = clinic()
    async with AsyncExitStack() as stack:
        for _ in range(5):
            await stack.enter_async_context(watching(api))
        async with api.client("viewer") as client:
            answer = await client.post("/v1/tickets", json={"purpose": "live", "session": "exam-1"})
        async with connect(api.app, LIVE, ORIGIN) as socket:
            await socket.text({"type": "join", "ticket": answer.json()["ticket"]})
            assert await socket.closed() == 4429
        async with watching(api, subject="bob"):
            pass
    async with watching(api):
        pass


async def test_the_house_has_so_many_seats_even_for_those_who_did_not_join_yet() -> None:
    api = clinic(viewers_max=2)
    async with connect(api.app, LIVE, ORIGIN), watching(api), connect(api.app, LIVE, ORIGIN) as third:
        assert await third.closed() == 4429
    async with watching(api):
        pass


async def test_a_socket_ends_when_its_token_does() -> None:
    api = clinic()
    async with watching(api) as socket:
        api.now_s += 629
        await socket.said("tick")
        api.now_s += 2
        assert await socket.closed() == 4401
    assert alerts(api) == [("ann", "token expired or signed out")]


async def test_a_renewed_token_keeps_the_socket() -> None:
    api = clinic()
    async with watching(api) as socket:
        api.now_s += 590
        async with api.client("viewer") as client:
            await client.get("/v1/sessions")
        api.now_s += 590
        await socket.said("tick")
        await socket.said("tick")
    assert alerts(api) == []


async def test_signing_out_ends_the_socket() -> None:
    api = clinic()
    async with watching(api) as socket:
        async with api.client("viewer") as client:
            await client.post("/v1/sign-out")
        assert await socket.closed() == 4401


async def test_losing_the_role_ends_the_socket() -> None:
    api = clinic()
    async with watching(api) as socket:
        api.now_s += 1
        async with api.client("qc") as client:
            await client.get("/v1/sessions")
        assert await socket.closed() == 4403
    assert alerts(api) == [("ann", "no role with the right watch")]


@pytest.mark.parametrize("end", ["revoked", "finished", "expired"])
async def test_a_guest_is_sent_away_within_a_tick_when_the_grant_ends(end: str) -> None:
    api = clinic()

    def event(kind: str, **more: object) -> ConsultEvent:
        given = {"subject": "guest", "institution": "elsewhere", "transaction_uid": "2.25.1", **more}
        return ConsultEvent("c-1", kind, 1, tenant="clinic", session="exam-1", **given)  # type: ignore[arg-type]

    until = int(api.now_s) + 300
    api.take(event("requested"), event("claimed"), event("granted", rights=["watch"], expires_at_s=until))
    async with watching(api, "expert", subject="guest", institution="elsewhere") as socket:
        if end == "expired":
            api.now_s += 301
        else:
            api.take(event(end))
        async with asyncio.timeout(2 * live_watch.TICK_S):
            assert await socket.closed() == 4403
    assert alerts(api) == [("guest", "the grant ended")]


async def test_a_ticket_for_a_granted_session_opens_no_other_of_the_same_name() -> None:
    api = clinic()
    until = int(api.now_s) + 300
    asked = ConsultEvent("c-1", "requested", 1, "ann", "clinic", "clinic", "exam-1")
    api.take(
        asked,
        replace(asked, kind="granted", subject="guest", institution="elsewhere", rights=["watch"], expires_at_s=until),
    )
    async with api.client("expert", subject="guest", institution="elsewhere") as client:
        ticket = (await client.post("/v1/tickets", json={"purpose": "live", "session": "exam-1"})).json()["ticket"]
    api.take(FakeStation("elsewhere").announced())
    async with connect(api.app, LIVE, ORIGIN) as socket:
        await socket.text({"type": "join", "ticket": ticket})
        assert await socket.closed() == 4404


async def test_a_view_that_cannot_be_written_down_is_refused() -> None:
    api = clinic()
    async with api.client("viewer") as client:
        ticket = (await client.post("/v1/tickets", json={"purpose": "live", "session": "exam-1"})).json()["ticket"]
    api.audit.away = True
    async with connect(api.app, LIVE, ORIGIN) as socket:
        await socket.text({"type": "join", "ticket": ticket})
        assert await socket.closed() == 1013


async def test_a_source_that_is_not_there_is_refused() -> None:
    api = clinic()
    async with api.client("viewer") as client:
        ticket = (await client.post("/v1/tickets", json={"purpose": "live", "session": "exam-1"})).json()["ticket"]
    async with connect(api.app, LIVE, ORIGIN) as socket:
        await socket.text({"type": "join", "ticket": ticket, "source": "../probe"})
        assert await socket.closed() == 4404
