"""A room's socket against strangers, floods, and people whose right ends while they are in."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from huizhen.api import live_join, room_socket
from huizhen.api.attendance import PEOPLE_MAX
from huizhen.schemas.events import Gesture
from tests.services.asgi_socket import Closed, connect
from tests.services.fake_api import ORIGIN, FakeApi
from tests.services.room_socket import BOB, DRAWING, PROTOCOL, ROOM, clinic, consult, entered, ticket_of


def alerts(api: FakeApi) -> list[tuple[str, str]]:
    return [(event.subject, event.reason) for event in api.audit.take() if event.event_code == "110113"]


async def refused(api: FakeApi, path: str, ticket: str) -> int:
    async with connect(api.app, path, ORIGIN, PROTOCOL) as socket:
        await socket.text({"type": "join", "ticket": ticket})
        return await socket.closed()


async def test_a_foreign_page_and_another_subprotocol_are_refused() -> None:
    api = clinic()
    async with AsyncExitStack() as stack:
        with pytest.raises(Closed, match="403"):
            await stack.enter_async_context(connect(api.app, ROOM, "https://evil.example", PROTOCOL))
        with pytest.raises(Closed, match="400"):
            await stack.enter_async_context(connect(api.app, ROOM, ORIGIN, ("huizhen.live.v1",)))


async def test_a_ticket_is_good_once_for_its_room_alone_and_for_no_picture() -> None:
    api = clinic()
    ticket = await ticket_of(api, "requester")
    assert await refused(api, "/v1/rooms/c-2", ticket) == 4401
    ticket = await ticket_of(api, "requester")
    async with connect(api.app, "/v1/sessions/exam-1/live", ORIGIN) as socket:
        await socket.text({"type": "join", "ticket": ticket})
        assert await socket.closed() == 4401
    ticket = await ticket_of(api, "requester")
    async with connect(api.app, ROOM, ORIGIN, PROTOCOL) as socket:
        await socket.text({"type": "join", "ticket": ticket})
        await socket.said("joined")
    assert await refused(api, ROOM, ticket) == 4401


async def test_a_wrong_room_and_a_foreign_one_are_the_same() -> None:
    api = clinic()
    answers = []
    for name in ("c-1", "c-9"):
        async with api.client("expert", subject="eve", institution="elsewhere") as client:
            answer = await client.post(f"/v1/consults/{name}/tickets")
        answers.append((answer.status_code, answer.json() | {"instance": ""}))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


async def test_who_says_nothing_or_no_join_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_join, "JOIN_S", 0.02)
    api = clinic()
    for message in (None, "", "{", "[]", '{"type":"pointer"}', '{"type":"erase","id":"x"}', "[" * 5_000):
        async with connect(api.app, ROOM, ORIGIN, PROTOCOL) as socket:
            if message is not None:
                await socket.text(message)
            assert await socket.closed() in {4401, 1007}


@pytest.mark.parametrize("end", ["revoked", "expired", "role", "signed out"])
async def test_who_loses_the_right_is_out(end: str) -> None:
    api = clinic()
    async with entered(api, "expert", **BOB) as bob:
        await bob.said("joined")
        api.audit.take()
        if end == "revoked":
            api.take(consult("revoked", **BOB))
        elif end == "expired":
            api.now_s += 3_601
        else:
            api.now_s += 1
            async with api.client("qc" if end == "role" else "expert", **BOB) as client:
                await client.post("/v1/sign-out" if end == "signed out" else "/v1/refresh")
        assert await bob.closed() in {4401, 4403}
    assert [subject for subject, _ in alerts(api)] == ["bob"]


async def test_a_room_ends_with_its_consultation_and_says_so() -> None:
    api = clinic()
    api.take(consult("claimed", **BOB, transaction_uid="2.25.1"))
    async with entered(api) as ann, entered(api, "expert", **BOB) as bob:
        await ann.said("joined")
        await bob.said("joined")
        api.take(consult("finished", **BOB, transaction_uid="2.25.1"))
        for socket in (ann, bob):
            assert (await socket.said("error"))["title"] == "The consultation ended"
            assert await socket.closed() == 1000
    assert await ticket_of(api, "requester") == "none"


async def test_a_flood_of_pointers_ends_the_socket() -> None:
    async with entered(clinic()) as ann:
        await ann.said("joined")
        pointer = {"pane": "live", "source": "probe", "number": 3, "x": 1, "y": 2}
        for _ in range(4 * room_socket.MESSAGES_PER_SECOND):
            await ann.text({"type": "pointer", "pointer": pointer})
        assert await ann.closed() == 4429


async def test_a_flood_of_drawings_is_refused_and_nobody_else_suffers() -> None:
    api = clinic()
    async with entered(api) as ann, entered(api, "expert", **BOB) as bob:
        await ann.said("joined")
        await bob.said("joined")
        for number in range(4 * room_socket.NEWS_PER_SECOND):
            await ann.text({"type": "draw", "drawing": {**DRAWING, "id": f"d-{number}"}})
        assert "a second" in (await ann.said("refused"))["detail"]
        await bob.text({"type": "draw", "drawing": {**DRAWING, "id": "mine"}})
        while (await bob.said("drawn"))["drawing"]["id"] != "mine":
            pass
    assert len([event for event in api.log.events if event.kind == "annotation"]) < 4 * room_socket.NEWS_PER_SECOND


@pytest.mark.parametrize(
    "message",
    [
        {"type": "view", "n": 0, "view": {"layout": "evil"}},
        {"type": "view", "n": -1, "view": {}},
        {"type": "draw", "drawing": {**DRAWING, "points": [[0, 0]] * 257}},
        {"type": "draw", "drawing": {**DRAWING, "text": "x" * 201}},
        {"type": "draw", "drawing": {**DRAWING, "id": "../x"}},
        '{"type":"pointer","pointer":{"pane":"live","source":"p","number":0,"x":NaN,"y":1}}',
        {"type": "join", "ticket": "again"},
        "x" * 60_000,
    ],
)
async def test_a_message_that_is_not_understood_ends_the_socket(message: object) -> None:
    async with entered(clinic()) as ann:
        await ann.said("joined")
        await ann.text(message)
        assert await ann.closed() == 1007


async def test_a_room_takes_fifty_people() -> None:
    api = clinic()
    for number in range(PEOPLE_MAX - 1):  # people of other processes
        person = Gesture("c-1", "here", 1, f"p-{number}", "clinic", "clinic", f"s-{number}", "{}")
        api.parts.room_hub.heard(person, asyncio.get_running_loop().time())
    async with entered(api) as ann, entered(api, "expert", **BOB) as bob:
        await ann.said("joined")
        assert await bob.closed() == 4429


async def test_what_cannot_be_written_down_lets_nobody_in() -> None:
    api = clinic()
    ticket = await ticket_of(api, "requester")
    api.audit.away = True
    assert await refused(api, ROOM, ticket) == 1013
    api.audit.away = False
    ticket = await ticket_of(api, "requester")
    api.log.away = True
    assert await refused(api, ROOM, ticket) == 1013
