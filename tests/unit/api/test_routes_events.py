"""Event streams."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pytest

from huizhen.api import routes_events
from huizhen.api.access import Access
from huizhen.api.roles import Right
from huizhen.schemas.events import ConsultEvent
from tests.services.fake_api import FakeApi
from tests.services.fake_station import FakeStation

STATION = FakeStation("clinic")


def clinic() -> FakeApi:
    api = FakeApi()
    api.take(STATION.announced(), STATION.geometry())
    return api


class Reader:
    """Reads a session's stream without HTTP."""

    def __init__(self, api: FakeApi, last_event_id: str = "") -> None:
        session = api.world.sessions.find("clinic", "exam-1")
        assert session is not None
        access = Access(api.principal("viewer"), Right.SEE, session)
        self._stream = routes_events._follow_session(api.parts, access, session, last_event_id)

    async def next(self) -> tuple[str | None, str | None, object]:
        async with asyncio.timeout(5):
            event = await anext(self._stream)
        return event.event, event.id, event.data

    async def ended(self) -> bool:
        try:
            async with asyncio.timeout(5):
                await anext(self._stream)
        except StopAsyncIteration:
            return True
        return False


async def test_a_reader_gets_the_whole_then_what_changes() -> None:
    api = clinic()
    reader = Reader(api)
    assert (await reader.next())[0] == "session"
    waiting = asyncio.create_task(reader.next())
    await asyncio.sleep(0)
    api.world.take(STATION.verdict(0), "huizhen.verdicts/1/7")
    kind, place, data = await waiting
    assert (kind, place) == ("verdict", "huizhen.verdicts/1/7")
    assert isinstance(data, dict)
    assert (data["number"], data["captured_at_ns"]) == (0, "1000000000")
    assert await reader.next() == ("state", None, {"state": "live"})


async def test_counts_are_told_at_most_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes_events, "WAIT_S", 0.05)
    api = clinic()
    reader = Reader(api)
    await reader.next()
    began_s = time.monotonic()
    for number in range(20):
        api.world.take(STATION.verdict(number), f"v/0/{number}")
    kinds: list[str | None] = []
    while kinds.count("verdict") < 20 or "counts" not in kinds:
        kinds.append((await reader.next())[0])
    assert [kind for kind in kinds if kind != "counts"] == ["state", *["verdict"] * 20]
    assert kinds.count("counts") <= 1 + (time.monotonic() - began_s) / 0.05


async def test_a_reader_goes_on_behind_its_last_event() -> None:
    api = clinic()
    first = Reader(api)
    await first.next()
    for number in range(3):
        api.world.take(STATION.verdict(number), f"v/0/{number}")
    again = Reader(api, "v/0/0")
    assert [(await again.next())[1] for _ in range(2)] == ["v/0/1", "v/0/2"]
    assert (await Reader(api, "v/0/99").next())[0] == "session"


async def test_a_stream_ends_with_the_token_and_with_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes_events, "WAIT_S", 0.01)
    api = clinic()
    one, other = Reader(api), Reader(api)
    await one.next()
    await other.next()
    api.now_s += 700
    assert await one.ended()
    api.now_s -= 700
    api.world.ending = True
    assert await other.ended()


async def lines(api: FakeApi, path: str, **who: str) -> list[tuple[str, dict[str, object]]]:
    """Read what a stream says before it has to wait."""

    async def end() -> None:
        await asyncio.sleep(0.05)
        api.world.ending = True
        api.world.queue_ring.wake()

    async with api.client("expert", **who) as client, asyncio.TaskGroup() as group:
        group.create_task(end())
        answer = await client.get(path)
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["x-accel-buffering"] == "no"
    found = []
    for block in answer.text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append((fields["event"], json.loads(fields["data"])))
    return found


def asked(consult: str, tenant: str) -> ConsultEvent:
    return ConsultEvent(consult, "requested", 1, "ann", tenant, tenant, "exam-1")


async def test_the_queue_shows_each_institution_its_own() -> None:
    api = clinic()
    api.take(asked("c-1", "clinic"), asked("c-2", "elsewhere"))
    ((kind, data),) = await lines(api, "/v1/queue/events")
    assert kind == "queue"
    assert [one["consult"] for one in data["items"]] == ["c-1"]  # type: ignore[attr-defined]


async def test_changes_in_the_queue_are_told_after_it() -> None:
    api = clinic()

    async def change() -> AsyncIterator[None]:
        yield

    async def later() -> None:
        await asyncio.sleep(0.02)
        api.world.take(asked("c-1", "clinic"), "huizhen.consults/0/1")
        api.world.take(asked("c-2", "elsewhere"), "huizhen.consults/0/2")

    async with asyncio.TaskGroup() as group:
        group.create_task(later())
        told = await lines(api, "/v1/queue/events")
    assert [(kind, data.get("consult")) for kind, data in told] == [("queue", None), ("consult", "c-1")]
