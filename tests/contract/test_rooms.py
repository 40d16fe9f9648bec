"""Two api processes serve one room, on a real Kafka and a real S3."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from huizhen.schemas.settings import KafkaSettings, S3Settings
from tests.services.api_server import ApiServer
from tests.services.fake_station import FakeStation, StationFeed
from tests.services.waiting import wait_for

PATIENCE_S = 30.0
GUEST = "hospital"


@pytest.fixture
def servers(
    kafka: KafkaSettings, s3: S3Settings, topics: Callable[[str], str], tmp_path: Path
) -> Iterator[tuple[ApiServer, ApiServer]]:
    """Two processes of one deployment."""
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    tenant = topics("rooms")
    made = [ApiServer(folder, kafka, s3, [tenant]) for folder in folders]
    try:
        for server in made:
            server.start(wait=False)
        for server in made:
            wait_for(lambda server=server: _is_ready(server), 90, "both are ready")  # type: ignore[misc]
        yield made[0], made[1]
    finally:
        for server in made:
            server.stop()


def _is_ready(server: ApiServer) -> bool:
    try:
        return httpx.get(server.url + "/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


class Participant:
    """Somebody in the room."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def say(self, **message: object) -> None:
        await self._socket.send(json.dumps(message))

    async def until(self, kind: str, wanted: Callable[[dict[str, Any]], object] = lambda _: True) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message: dict[str, Any] = json.loads(await self._socket.recv())
                if message["type"] == kind and wanted(message):
                    return message


@asynccontextmanager
async def entered(server: ApiServer, client: httpx.Client, consult: str) -> AsyncIterator[Participant]:
    ticket = (await asyncio.to_thread(client.post, f"/v1/consults/{consult}/tickets")).json()["ticket"]
    address = server.url.replace("http", "ws", 1) + f"/v1/rooms/{consult}"
    protocols = [Subprotocol("huizhen.room.v1")]
    async with connect(address, origin=Origin(server.url), subprotocols=protocols, compression=None) as socket:
        participant = Participant(socket)
        await participant.say(type="join", ticket=ticket)
        yield participant


def post(client: httpx.Client, path: str, **body: object) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code in {200, 201}, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_two_processes_serve_one_room(servers: tuple[ApiServer, ApiServer], kafka: KafkaSettings) -> None:
    one, two = servers
    feed = StationFeed(kafka, FakeStation("rooms", "exam-rooms"))
    feed.begin()
    clinic, expert = clients = [one.client("ann", "rooms", ["requester"]), two.client("bob", GUEST, ["expert"])]
    wait_for(lambda: clinic.get("/v1/sessions/exam-rooms").status_code == 200, PATIENCE_S, "the session is there")
    consult = post(clinic, "/v1/consults", session="exam-rooms", reason="septum?")["consult"]
    rights = ["see", "watch", "consult"]
    invite = post(clinic, f"/v1/consults/{consult}/invites", rights=rights)["invite"]
    redeem = f"/v1/consults/{consult}/redeem"
    wait_for(lambda: expert.post(redeem, json={"invite": invite}).status_code == 200, PATIENCE_S, "bob is let in")
    assert expert.post(redeem, json={"invite": invite}).status_code == 404
    uid = post(expert, f"/v1/consults/{consult}/claim")["transaction_uid"]
    async with entered(one, clinic, consult) as ann:
        await ann.until("joined", lambda said: said["room"]["presenter"]["subject"] == "ann")
        async with entered(two, expert, consult) as bob:
            await bob.until("joined")
            for room in (ann, bob):
                await room.until("people", lambda said: len(said["people"]) == 2)
            pointer = {"pane": "live", "source": "probe", "number": 3, "x": 10.5, "y": 20.0}
            await bob.say(type="pointer", pointer=pointer)
            told = await ann.until("pointers")
            assert told["pointers"] == [{"by": {"institution": GUEST, "subject": "bob"}, **pointer}]
            for n in range(3):
                await ann.say(type="view", n=n, view={"stored": {"source": "probe", "number": n}})
            await bob.until("view", lambda said: said["n"] == 2)
            await ann.say(type="present", subject="bob", institution=GUEST)
            await ann.until("presenter", lambda said: said["presenter"]["subject"] == "bob")
            drawing = {"id": "d-1", "kind": "ellipse", "source": "probe", "number": 7, "points": [[1, 2], [3, 4]]}
            await bob.say(type="draw", drawing=drawing)
            assert (await ann.until("drawn"))["drawing"]["id"] == "d-1"
            said = await asyncio.to_thread(post, clinic, f"/v1/consults/{consult}/messages", text="二尖瓣?")
            told = await bob.until("message")
            assert told["message"]["sha256"] == said["sha256"]
            body = await asyncio.to_thread(expert.get, f"/v1/consults/{consult}/messages/{said['sha256']}")
            assert body.text == "二尖瓣?"
        await ann.until("people", lambda said: len(said["people"]) == 1)
        assert await asyncio.to_thread(two.stop) == 0
        await asyncio.to_thread(two.start)
        expert = two.client("bob", GUEST, ["expert"])
        clients.append(expert)
        async with entered(two, expert, consult) as again:
            room = (await again.until("joined"))["room"]
            assert (room["presenter"]["subject"], room["drawings"][0]["id"]) == ("bob", "d-1")
            assert room["messages"][0]["sha256"] == said["sha256"]
            await asyncio.to_thread(post, expert, f"/v1/consults/{consult}/finish", transaction_uid=uid)
            for each in (ann, again):
                assert (await each.until("error"))["title"] == "The consultation ended"
    feed.close()
    for client in clients:
        client.close()
