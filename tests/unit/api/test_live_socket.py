"""What a viewer sees: joined, geometry, frames, ticks, the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest
from structlog.testing import capture_logs

from huizhen.api import live_watch, socket_io
from huizhen.api.live_frame import live_frame
from huizhen.schemas import htj2k
from huizhen.schemas.ids import GeometryId
from tests.services.asgi_socket import Socket, connect
from tests.services.fake_api import ORIGIN, FakeApi
from tests.services.fake_station import FakeStation, coded, ultrasound


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@asynccontextmanager
async def join(api: FakeApi, role: str = "viewer", **asked: str) -> AsyncIterator[Socket]:
    async with api.client(role) as client:
        ticket = (await client.post("/v1/tickets", json={"purpose": "live", "session": "exam-1"})).json()["ticket"]
    async with connect(api.app, "/v1/sessions/exam-1/live", ORIGIN) as socket:
        await socket.text({"type": "join", "ticket": ticket, **asked})
        yield socket


async def test_a_joiner_gets_the_session_the_geometry_and_a_picture_at_once(api: FakeApi) -> None:
    station = FakeStation("clinic")
    api.take(station.announced(), station.geometry())
    api.parts.hub.publish(live_frame(*station.frame(7)))
    async with join(api) as socket:
        joined = await socket.receive()
        assert isinstance(joined, dict)
        assert joined["type"] == "joined"
        assert joined["session"]["session"] == "exam-1"
        assert joined["source"] == "probe"
        assert joined["server_time_ns"] == str(int(api.now_s * 1e9))
        assert (await socket.said("geometry"))["geometry"]["columns"] == 320
        head, codestream = await socket.frame()
    assert head["number"] == 7
    assert codestream == coded(7)
    assert np.array_equal(htj2k.decode(codestream), ultrasound()[7])


async def test_another_geometry_is_told_before_its_first_frame_and_again_when_it_comes_back(api: FakeApi) -> None:
    station = FakeStation("clinic")
    wide = replace(station.geometry(2), columns=384)
    api.take(station.announced(), station.geometry(1), wide)
    told: list[object] = []
    async with join(api) as socket:
        await socket.said("joined")
        for number, geometry in enumerate((1, 2, 2, 1)):
            meta, codestream = station.frame(number)
            named = replace(meta, head=replace(meta.head, geometry=GeometryId(geometry)))
            api.parts.hub.publish(live_frame(named, codestream))
            while not isinstance(message := await socket.receive(), tuple):
                if message["type"] == "geometry":
                    told.append(message["geometry"]["columns"])
            told.append(message[0]["number"])
            await socket.text({"type": "painted", "number": number, "revision": 0})
    assert told == [320, 0, 384, 1, 2, 320, 3]


async def test_every_frame_arrives_while_the_viewer_paints(api: FakeApi) -> None:
    station = FakeStation("clinic")
    api.take(station.announced(), station.geometry())
    async with join(api) as socket:
        await socket.said("joined")
        for number in range(20):
            api.parts.hub.publish(live_frame(*station.frame(number)))
            head, _ = await socket.frame()
            assert (head["number"], head["dropped"]) == (number, 0)
            await socket.text({"type": "painted", "number": number, "revision": 0})


async def test_who_does_not_paint_gets_two_frames_then_the_newest(api: FakeApi) -> None:
    station = FakeStation("clinic")
    api.take(station.announced(), station.geometry())
    async with join(api) as socket:
        await socket.said("joined")
        for number in (0, 1):
            api.parts.hub.publish(live_frame(*station.frame(number)))
            assert (await socket.frame())[0]["number"] == number
        for number in range(2, 12):
            api.parts.hub.publish(live_frame(*station.frame(number)))
        await socket.said("tick")
        await socket.text({"type": "painted", "number": 1, "revision": 0})
        head, _ = await socket.frame()
        assert (head["number"], head["dropped"]) == (10, 8)


async def test_a_resolution_is_a_prefix_and_changes_on_demand(api: FakeApi) -> None:
    station = FakeStation("clinic")
    api.take(station.announced(), station.geometry())
    api.parts.hub.publish(live_frame(*station.frame(0)))
    async with join(api, resolution="quarter") as socket:
        head, codestream = await socket.frame()
        assert (head["discard"], head["columns"], head["rows"]) == (2, 320, 240)
        assert htj2k.decode_low(codestream, 2).shape == (60, 80, 3)
        await socket.text({"type": "resolution", "value": "full"})
        head, codestream = await socket.frame()
        assert (head["number"], head["discard"]) == (0, 0)
        assert codestream == coded(0)


async def test_ticks_tell_progress_even_when_no_frame_comes(api: FakeApi) -> None:
    station = FakeStation("clinic")
    api.take(station.announced(), station.geometry(), station.verdict(3, filled=2), station.progress(9))
    async with join(api) as socket:
        tick = await socket.said("tick")
        assert (tick["newest"], tick["newest_captured_at_ns"], tick["state"]) == (3, "4000000000", "live")
        assert (tick["counts"]["captured"], tick["counts"]["filled"]) == (9, 1)
        api.parts.hub.publish(live_frame(*station.frame(5, at_ns=77)))
        await socket.frame()
        tick = await socket.said("tick")
        assert (tick["newest"], tick["newest_captured_at_ns"]) == (5, "77")


async def test_the_end_of_a_session_is_told_and_the_socket_closes(api: FakeApi) -> None:
    station = FakeStation("clinic")
    api.take(station.announced(), station.verdict(0), station.sealed(1))
    async with join(api) as socket:
        assert (await socket.said("tick"))["state"] == "draining"
        api.take(station.report(1))
        assert (await socket.said("end"))["reason"] == "sealed"
        assert await socket.closed() == 1000


async def test_a_trainee_sees_blank_tiles_over_the_teaching_mask(api: FakeApi) -> None:
    station = FakeStation("clinic", mask_teaching=[0, 0, 20, 130])
    api.take(station.announced(), station.geometry())
    api.parts.hub.publish(live_frame(*station.frame(2)))
    async with join(api, "trainee") as socket:
        head, codestream = await socket.frame()
    picture = htj2k.decode(codestream)
    assert head["masked"] == [0, 1]
    assert not picture[:128, :256].any()
    assert np.array_equal(picture[128:], ultrasound()[2][128:])
    assert ultrasound()[2][:128, :256].any()


async def test_a_trainee_sees_nothing_before_it_is_known_what_to_blank(api: FakeApi) -> None:
    station = FakeStation("clinic", mask_teaching=[0, 0, 20, 130])
    api.take(station.announced())
    async with join(api, "trainee") as socket:
        api.parts.hub.publish(live_frame(*station.frame(0)))
        await socket.said("tick")
        api.take(station.geometry())
        api.parts.hub.publish(live_frame(*station.frame(1)))
        head, _ = await socket.frame()
        assert (head["number"], head["masked"]) == (1, [0, 1])


async def test_a_link_that_takes_no_data_is_closed(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_io, "SEND_MAX_S", 0.05)
    station = FakeStation("clinic")
    api.take(station.announced(), station.geometry())
    async with join(api) as socket:
        await socket.said("joined")
        socket.stuck = True
        api.parts.hub.publish(live_frame(*station.frame(0)))
        assert await socket.closed() == 1008


async def test_a_frame_that_cannot_be_cut_is_left_out(api: FakeApi) -> None:
    station = FakeStation("clinic")
    api.take(station.announced(), station.geometry())
    meta, stream = station.frame(0)
    async with join(api, resolution="half") as socket:
        await socket.said("joined")
        api.parts.hub.publish(live_frame(meta, stream[:5_000] + stream[-2:]))
        api.parts.hub.publish(live_frame(*station.frame(1)))
        assert (await socket.frame())[0]["number"] == 1


async def test_a_bug_ends_the_socket_and_not_the_server(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(live_watch, "counts_view", broken)
    api.take(FakeStation("clinic").announced())
    async with join(api) as socket:
        assert await socket.closed() in {1011, 1013}


async def test_a_viewer_that_leaves_while_something_is_sent_is_no_failure(api: FakeApi) -> None:
    station = FakeStation("clinic")
    api.take(station.announced(), station.geometry())
    with capture_logs() as said:
        async with join(api) as socket:
            await socket.said("joined")
            socket.is_gone = True
            api.parts.hub.publish(live_frame(*station.frame(0)))
            await asyncio.sleep(0.5)
    assert [line["event"] for line in said if line["log_level"] == "error"] == []


async def test_the_same_bytes_object_goes_to_everybody(api: FakeApi) -> None:
    frame = live_frame(*FakeStation("clinic").frame(0))
    assert frame.message(0, 0) is frame.message(0, 0)
    assert frame.message(1, 0) is frame.message(1, 0)
    assert frame.message(0, 0) is not frame.message(0, 1)


async def test_a_frame_that_others_hold_still_is_sent_once_more(api: FakeApi) -> None:
    station = FakeStation("clinic")
    api.take(station.announced(), station.geometry())
    async with join(api) as socket:
        await socket.said("joined")
        for number in range(3):
            api.parts.hub.publish(live_frame(*station.frame(number)))
        while (await socket.frame())[0]["number"] != 2:
            await socket.text({"type": "painted", "number": 1, "revision": 0})
        await socket.text({"type": "frame", "number": 99})
        await socket.text({"type": "frame", "number": 0})
        head, codestream = await socket.frame()
        assert (head["number"], codestream) == (0, coded(0))
