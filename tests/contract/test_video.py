"""Video of a running exam from a real api process: Kafka in, H.264 over WebRTC out, to a player we did not adapt."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import numpy as np
import pytest

from huizhen.schemas.settings import KafkaSettings
from tests.services.api_server import ApiServer
from tests.services.fake_station import FakeStation, StationFeed, ultrasound
from tests.services.waiting import wait_for
from tests.services.whep_viewer import WhepViewer, watch_video

pytest_plugins = ["tests.services.api_fixture"]
LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="module")
def api_environment() -> dict[str, str]:
    return {"HUIZHEN_VIDEO__ADDRESSES": f'["{LOOPBACK}"]'}


@pytest.fixture
def feed(kafka: KafkaSettings, tenant: str) -> Iterator[StationFeed]:
    made = StationFeed(kafka, FakeStation(tenant, f"exam-{tenant}"))
    made.begin()
    try:
        yield made
    finally:
        made.close()


@asynccontextmanager
async def exam_running(api: ApiServer, feed: StationFeed, tenant: str) -> AsyncIterator[httpx.Client]:
    """A viewer's client while frames come ten times a second."""

    async def run() -> None:
        while True:
            feed.frame(feed.sent_frames)
            feed.sent_frames += 1
            await asyncio.sleep(0.1)

    with api.client("ann", tenant, ["viewer"]) as client:
        path = f"/v1/sessions/{feed.station.session}"
        await asyncio.to_thread(wait_for, lambda: client.get(path).status_code == 200, 60, "the session is there")
        async with asyncio.TaskGroup() as group:
            running = group.create_task(run())
            yield client
            running.cancel()


def likeness_db(shown: np.ndarray, number: int) -> float:
    """PSNR of a picture against the captured frame of that number."""
    frames = ultrasound()
    error = np.mean((shown.astype(float) - frames[number % len(frames)]) ** 2)
    return float(10 * np.log10(255**2 / error))


async def numbered_pictures(viewer: WhepViewer, wanted: int) -> list[tuple[int, np.ndarray]]:
    """Pictures with the frame number that the facts give them by RTP time, which this player counts from its first."""
    numbers: dict[int, int] = {}
    shown = []
    for _ in range(wanted):
        picture = await viewer.picture()
        assert picture.pts is not None
        while not numbers or picture.pts not in {(time - next(iter(numbers))) % 2**32 for time in numbers}:
            fact = await viewer.said("frame")
            numbers[fact["rtp_time"]] = fact["number"]
        time = (next(iter(numbers)) + picture.pts) % 2**32
        shown.append((numbers[time], picture.to_ndarray(format="rgb24")))
    return shown


async def test_a_player_sees_the_exam_and_is_told_which_frame_it_sees(
    api: ApiServer, feed: StationFeed, tenant: str
) -> None:
    async with exam_running(api, feed, tenant) as client, watch_video(client, feed.station.session) as viewer:
        joined = await viewer.said("joined")
        assert (joined["session"]["session"], joined["source"]) == (feed.station.session, "probe")
        assert (await viewer.said("geometry"))["geometry"]["columns"] == 320
        shown = await numbered_pictures(viewer, 12)
        numbers = [number for number, _ in shown]
        assert numbers == sorted(numbers)
        assert min(likeness_db(picture, number) for number, picture in shown) > 30
        assert (await viewer.said("tick"))["newest"] >= numbers[0]


async def test_a_player_without_a_facts_channel_plays_too(api: ApiServer, feed: StationFeed, tenant: str) -> None:
    async with (
        exam_running(api, feed, tenant) as client,
        watch_video(client, feed.station.session, facts=False) as viewer,
    ):
        picture = (await viewer.picture()).to_ndarray(format="rgb24")
        assert max(likeness_db(picture, number) for number in range(8)) > 30


async def test_the_answer_names_no_address_but_the_allowed_and_nothing_is_logged(
    api: ApiServer, feed: StationFeed, tenant: str
) -> None:
    async with exam_running(api, feed, tenant) as client, watch_video(client, feed.station.session) as viewer:
        await viewer.said("tick")
        candidates = [line.split() for line in viewer.answer.splitlines() if line.startswith("a=candidate")]
        assert {words[4] for words in candidates} == {LOOPBACK}
        assert "c=IN IP4 0.0.0.0" in viewer.answer
    said = api.log.read_text()
    assert "candidate" not in said
    assert "ice-ufrag" not in said


async def test_an_ended_video_gives_its_seat_back(api: ApiServer, feed: StationFeed, tenant: str) -> None:
    async with exam_running(api, feed, tenant) as client:
        for _ in range(7):  # five seats a person: each is given back
            async with watch_video(client, feed.station.session) as viewer:
                await viewer.said("tick")
                assert (await asyncio.to_thread(client.delete, viewer.place)).status_code == 200
                await asyncio.to_thread(
                    wait_for, lambda: client.delete(viewer.place).status_code == 404, 60, "the video is gone"
                )
