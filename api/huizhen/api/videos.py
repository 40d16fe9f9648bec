"""All who watch video in this process, and the pictures coded for them: one coding per source and kind of viewer."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from huizhen.api.access import Access
from huizhen.api.guard import too_many
from huizhen.api.live_frame import LiveFrame
from huizhen.api.parts import Parts
from huizhen.api.session import Session
from huizhen.api.teaching import cover_for
from huizhen.api.turn import IceServer, ice_server
from huizhen.api.video_broadcast import Broadcast, Read
from huizhen.api.video_picture import Reading
from huizhen.api.video_shots import Shot, ShotQueue
from huizhen.api.video_watch import Peer, VideoWatching, Watched
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.ids import StreamId

CODERS = 2  # threads; more sources than they carry lose frames, not time
AGAIN_S = 5  # a viewer leaves, or another server has room
Sent = Callable[[Shot, int], None]
MakePeer = Callable[[ShotQueue, IceServer | None, Sent], Peer]


@dataclass(frozen=True, slots=True)
class Begun:
    """A video that was answered."""

    id: str
    answer: str


@dataclass(slots=True)
class _Coding:
    """Pictures that are being coded."""

    broadcast: Broadcast
    task: asyncio.Task[None]
    viewers: int = 0


class Videos:
    """Answers offers and owns what runs behind them."""

    def __init__(self, parts: Parts, make_peer: MakePeer) -> None:
        self._parts = parts
        self._make_peer = make_peer
        self._pool = ThreadPoolExecutor(CODERS, "video")
        self._group: asyncio.TaskGroup | None = None
        self._watching: dict[str, VideoWatching] = {}
        self._codings: dict[tuple[StreamId, bool], _Coding] = {}

    async def run(self) -> None:
        """Run until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                await asyncio.Event().wait()
        finally:
            self._group = None
            self._pool.shutdown(wait=False, cancel_futures=True)

    def ice_server(self) -> IceServer | None:
        """Make credentials for the site's relays; None where there are none."""
        settings, parts = self._parts.settings.video, self._parts
        return ice_server(settings.turn_urls, settings.turn_secret.get_secret_value(), parts.secret(), parts.now_s)

    async def begin(self, access: Access, stream: StreamId, offer: bytes) -> Begun:
        """Answer an offer; raises BadOffer, Problem 429 where too many watch, Unavailable where it cannot be had."""
        if self._group is None:
            raise Unavailable("the video (it is starting)", 1.0)
        with ExitStack() as held:
            name, watching = self._parts.secret(), VideoWatching(self._parts, Watched(access, stream))
            self._seat(held, name, watching)
            server = self.ice_server()
            peer = self._make_peer(watching.queue, server, lambda shot, rtp_time: watching.sent(peer, shot, rtp_time))
            try:
                answer = await peer.answer(offer)
            except BaseException:
                await peer.close()
                raise
            self._group.create_task(watching.run(peer, self._coded, held.pop_all()))
        return Begun(name, answer)

    def end(self, name: str, access: Access) -> bool:
        """End a video that this person watches; False where there is none."""
        found = self._watching.get(name)
        if found is None or found.watched.access.principal.key != access.principal.key:
            return False
        if found.watched.session is not access.session:
            return False
        found.leave()
        return True

    def _seat(self, held: ExitStack, name: str, watching: VideoWatching) -> None:
        settings, watched = self._parts.settings.video, watching.watched
        seats, who = self._parts.seats, watched.access.principal
        free = held.enter_context(seats.take()) and held.enter_context(seats.person(who.institution, who.subject))
        if not free or len(self._watching) >= settings.viewers_max:
            raise too_many(AGAIN_S)
        codings = {one.watched.coding for one in self._watching.values()} | {watched.coding}
        if len(codings) > settings.encoders_max:
            raise Unavailable(f"video of another source ({settings.encoders_max} at once, video.encoders_max)", AGAIN_S)
        self._watching[name] = watching
        held.callback(self._watching.pop, name)
        self._parts.metrics.video_viewers.inc()
        held.callback(self._parts.metrics.video_viewers.dec)

    @contextmanager
    def _coded(self, watched: Watched) -> Iterator[Broadcast]:
        coding = self._codings.get(watched.coding)
        if coding is None:
            coding = self._codings[watched.coding] = self._start(watched)
        coding.viewers += 1
        try:
            yield coding.broadcast
        finally:
            coding.viewers -= 1
            if coding.viewers == 0:  # nobody watches: nothing is coded
                del self._codings[watched.coding]
                coding.task.cancel()

    def _start(self, watched: Watched) -> _Coding:
        if self._group is None:
            raise Unavailable("the video (it is ending)", 1.0)
        kbps = self._parts.settings.video.bitrate_kbps
        read = _reader(watched.session, watched.access.masked)
        broadcast = Broadcast(read, self._pool, kbps, time.monotonic_ns, self._parts.metrics)
        return _Coding(broadcast, self._group.create_task(self._code(watched.stream, broadcast)))

    async def _code(self, stream: StreamId, broadcast: Broadcast) -> None:
        with self._parts.hub.watching(stream, broadcast):
            await broadcast.run()


def _reader(session: Session, masked: bool) -> Read:
    """Make what says how a session's frames are read; masked ones not before it is known how they are."""

    def read(frame: LiveFrame) -> Reading | None:
        geometry = session.source(frame.stream.source).geometries.get(frame.geometry)
        if not masked:
            return Reading(geometry)
        return None if geometry is None else Reading(geometry, cover_for(frame.header, geometry))

    return read
