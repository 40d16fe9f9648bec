"""Who may watch video, for how long, and what is coded for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from huizhen.api.access import Access
from huizhen.api.problem import Problem
from huizhen.api.roles import Right
from huizhen.api.sdp import BadOffer
from huizhen.api.seats import SEATS_PER_PERSON
from huizhen.api.turn import IceServer
from huizhen.api.video_shots import Shot, ShotQueue
from huizhen.api.videos import Sent, Videos
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.events import ConsultEvent
from huizhen.schemas.ids import GeometryId
from huizhen.schemas.settings import VideoSettings
from tests.services.fake_api import FakeApi
from tests.services.fake_station import FakeStation
from tests.unit.api.video_frames import frame

WAIT_S = 30.0


class FakePeer:
    """A connection that hands shots on as soon as they come."""

    def __init__(self, queue: ShotQueue, sent: Sent, bad: bool = False) -> None:
        self.queue, self.sent, self.bad = queue, sent, bad
        self.said: list[dict[str, object]] = []
        self.offers_facts = self.hears_facts = True
        self.is_over = False
        self.takes = True
        self.closed = asyncio.Event()
        self.way = asyncio.Event()
        self.way.set()

    async def answer(self, offer: bytes) -> str:
        if self.bad:
            raise BadOffer("it is none")
        return "v=0\r\n"

    def say(self, message: dict[str, object]) -> bool:
        self.said.append(message)
        return self.takes

    async def connected(self) -> None:
        await self.way.wait()

    async def close(self) -> None:
        self.closed.set()

    async def shot(self) -> Shot:
        async with asyncio.timeout(WAIT_S):
            shot = await self.queue.take()
        self.sent(shot, 90_000)
        return shot

    async def heard(self, kind: str) -> dict[str, object]:
        async with asyncio.timeout(WAIT_S):
            while True:
                for message in self.said:
                    if message["type"] == kind:
                        return message
                await asyncio.sleep(0.01)


class House:
    """The clinic with one exam, and its door to video."""

    def __init__(self, mask: list[int]) -> None:
        self.api = FakeApi()
        self.station = FakeStation("clinic", mask_teaching=mask)
        self.api.take(self.station.announced(), self.station.geometry())
        self.peers: list[FakePeer] = []
        self.bad = False
        self.way = True
        self.videos = Videos(self.api.parts, self.peer)

    def peer(self, queue: ShotQueue, server: IceServer | None, sent: Sent) -> FakePeer:
        made = FakePeer(queue, sent, self.bad)
        if not self.way:
            made.way.clear()
        self.peers.append(made)
        return made

    def settings(self, **values: object) -> None:
        video = VideoSettings.model_validate({"addresses": ["127.0.0.1"], **values})
        self.api.parts.settings = self.api.parts.settings.model_copy(update={"video": video})

    def access(self, *roles: str, **who: str) -> Access:
        session = self.api.world.sessions.find("clinic", "exam-1")
        principal = self.api.principal(*(roles or ("viewer",)), **who)
        self.api.parts.presence.seen(principal)
        return Access(principal, Right.WATCH, session=session)

    async def begin(self, access: Access) -> str:
        return (await self.videos.begin(access, self.station.stream, b"v=0")).id


@asynccontextmanager
async def house(mask: tuple[int, ...] = ()) -> AsyncIterator[House]:
    made = House(list(mask))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(made.videos.run())
        await asyncio.sleep(0)
        yield made
        task.cancel()


async def test_a_viewer_is_told_what_each_picture_is() -> None:
    async with house() as clinic:
        await clinic.begin(clinic.access())
        (peer,) = clinic.peers
        await peer.heard("tick")
        clinic.api.parts.hub.publish(frame(7))
        await peer.shot()
    assert peer.said[0]["type"] == "joined"
    assert (await peer.heard("geometry"))["geometry"]["id"] == 1  # type: ignore[index]
    fact = await peer.heard("frame")
    assert (fact["number"], fact["rtp_time"], fact["discard"], fact["exact"]) == (7, 90_000, 0, True)
    assert "masked" not in fact


async def test_a_trainee_gets_a_coding_of_its_own_in_which_regions_are_blank() -> None:
    async with house((0, 0, 100, 100)) as clinic:
        await clinic.begin(clinic.access("viewer"))
        await clinic.begin(clinic.access("trainee", subject="tom"))
        for peer in clinic.peers:
            await peer.heard("tick")
        clinic.api.parts.hub.publish(frame(7))
        whole, masked = [await peer.shot() for peer in clinic.peers]
    assert whole.reading.cover is None
    assert masked.reading.cover is not None
    assert masked.data != whole.data
    assert (await clinic.peers[1].heard("frame"))["masked"] == [0]


async def test_a_trainee_sees_nothing_before_it_is_known_what_to_blank() -> None:
    async with house() as clinic:
        await clinic.begin(clinic.access("trainee"))
        (peer,) = clinic.peers
        await peer.heard("tick")
        unknown = frame(7)
        unknown.meta = replace(unknown.meta, head=replace(unknown.meta.head, geometry=GeometryId(2)))
        clinic.api.parts.hub.publish(unknown)
        clinic.api.parts.hub.publish(frame(8))
        assert (await peer.shot()).frame.order == (8, 0)


async def test_viewers_of_a_kind_share_one_coding_and_the_last_ends_it() -> None:
    async with house() as clinic:
        first = await clinic.begin(clinic.access(subject="ann"))
        second = await clinic.begin(clinic.access(subject="bob"))
        for peer in clinic.peers:
            await peer.heard("tick")
        assert len(clinic.videos._codings) == 1
        clinic.api.parts.hub.publish(frame(7))
        assert await clinic.peers[0].shot() is await clinic.peers[1].shot()
        assert clinic.videos.end(first, clinic.access(subject="ann"))
        await asyncio.wait_for(clinic.peers[0].closed.wait(), WAIT_S)
        assert len(clinic.videos._codings) == 1
        assert clinic.videos.end(second, clinic.access(subject="bob"))
        await asyncio.wait_for(clinic.peers[1].closed.wait(), WAIT_S)
        assert clinic.videos._codings == {}
        async with asyncio.timeout(WAIT_S):
            while clinic.api.parts.hub._viewers:  # noqa: ASYNC110 - the hub tells nobody
                await asyncio.sleep(0.01)


async def test_only_whoever_watches_ends_it() -> None:
    async with house() as clinic:
        name = await clinic.begin(clinic.access(subject="ann"))
        assert not clinic.videos.end(name, clinic.access(subject="bob"))
        assert not clinic.videos.end("another", clinic.access(subject="ann"))
        assert clinic.videos.end(name, clinic.access(subject="ann"))


@pytest.mark.parametrize("end", ["expired", "signed out", "ended"])
async def test_whoever_loses_the_right_sees_no_more(end: str) -> None:
    async with house() as clinic:
        access = clinic.access()
        await clinic.begin(access)
        (peer,) = clinic.peers
        await peer.heard("tick")
        clinic.api.audit.take()
        if end == "expired":
            clinic.api.now_s += 700
        elif end == "signed out":
            clinic.api.parts.presence.sign_out(access.principal, clinic.api.now_s)
        else:
            clinic.api.take(clinic.station.sealed(0), clinic.station.report(0))
        await asyncio.wait_for(peer.closed.wait(), WAIT_S)
    error = await peer.heard("error")
    assert error["code"] == (1000 if end == "ended" else 4401)
    denied = [event.reason for event in clinic.api.audit.take()]
    assert denied == ([] if end == "ended" else ["token expired or signed out"])


async def test_a_grant_that_ends_ends_the_video() -> None:
    async with house() as clinic:
        until = int(clinic.api.now_s) + 300
        asked = ConsultEvent("c-1", "requested", 1, "ann", "clinic", "clinic", "exam-1")
        granted = replace(
            asked, kind="granted", subject="guest", institution="elsewhere", rights=["watch"], expires_at_s=until
        )
        clinic.api.take(asked, granted)
        await clinic.begin(clinic.access("expert", subject="guest", institution="elsewhere"))
        (peer,) = clinic.peers
        await peer.heard("tick")
        clinic.api.now_s += 301
        await asyncio.wait_for(peer.closed.wait(), WAIT_S)
    assert (await peer.heard("error"))["code"] == 4403


async def test_a_link_that_takes_nothing_is_given_up() -> None:
    async with house() as clinic:
        await clinic.begin(clinic.access())
        (peer,) = clinic.peers
        await peer.heard("tick")
        peer.takes = False
        await asyncio.wait_for(peer.closed.wait(), WAIT_S)


async def test_a_video_without_a_way_is_counted_and_its_seat_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huizhen.api.video_watch.CONNECT_S", 0.01)
    async with house() as clinic:
        clinic.way = False
        await clinic.begin(clinic.access())
        await asyncio.wait_for(clinic.peers[0].closed.wait(), WAIT_S)
        await asyncio.sleep(0)
        assert clinic.videos._watching == {}
    assert clinic.api.registry.get_sample_value("huizhen_api_video_not_connected_total") == 1
    assert clinic.api.registry.get_sample_value("huizhen_api_video_viewers_count") == 0


async def test_seats_are_as_many_as_at_the_live_socket() -> None:
    async with house() as clinic:
        for _ in range(SEATS_PER_PERSON):
            await clinic.begin(clinic.access())
        with pytest.raises(Problem) as refused:
            await clinic.begin(clinic.access())
        assert refused.value.status == 429
        assert refused.value.headers["retry-after"] == "5"
        await clinic.begin(clinic.access(subject="bob"))


async def test_viewers_and_codings_are_bounded() -> None:
    async with house() as clinic:
        clinic.settings(viewers_max=2, encoders_max=1)
        await clinic.begin(clinic.access(subject="a"))
        with pytest.raises(Unavailable, match=r"video\.encoders_max"):
            await clinic.begin(clinic.access("trainee", subject="t"))
        await clinic.begin(clinic.access(subject="b"))
        with pytest.raises(Problem):
            await clinic.begin(clinic.access(subject="c"))
        assert clinic.api.registry.get_sample_value("huizhen_api_video_viewers_count") == 2


async def test_a_refused_offer_takes_no_seat() -> None:
    async with house() as clinic:
        clinic.bad = True
        for _ in range(SEATS_PER_PERSON + 1):
            with pytest.raises(BadOffer):
                await clinic.begin(clinic.access())
        assert all(peer.closed.is_set() for peer in clinic.peers)
        clinic.bad = False
        await clinic.begin(clinic.access())


async def test_relays_are_named_with_credentials_of_their_own() -> None:
    clinic = House([])
    assert clinic.videos.ice_server() is None
    clinic.settings(turn_urls=["turns:turn.example.org:443?transport=tcp"], turn_secret="s" * 8)
    first, second = clinic.videos.ice_server(), clinic.videos.ice_server()
    assert first is not None
    assert second is not None
    assert first.username != second.username
    with pytest.raises(Unavailable, match="starting"):
        await clinic.begin(clinic.access())
