"""Somebody who watches a source as video: from the answered offer until they leave or must."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Protocol

import structlog

from huizhen.api import audit
from huizhen.api.access import Access
from huizhen.api.live_join import WATCH
from huizhen.api.live_messages import TOO_SLOW, TRY_AGAIN, SocketProblem
from huizhen.api.live_watch import ENDED, TICK_S, check, tick
from huizhen.api.parts import Parts
from huizhen.api.session import Session
from huizhen.api.video_broadcast import Broadcast
from huizhen.api.video_picture import discard_for
from huizhen.api.video_shots import Shot, ShotQueue
from huizhen.api.views import geometry_view, session_view
from huizhen.schemas.errors import Bug, Unavailable
from huizhen.schemas.ids import StreamId

ROUTE = "/v1/sessions/{session}/whep"
CONNECT_S = 10.0  # from the answer to the connection: ICE needs one or two round trips, a relay some more
FACTS_S = 3.0  # from the connection to the data channel, where one was offered
log = structlog.get_logger()


class Peer(Protocol):
    """A connection to a viewer."""

    offers_facts: bool

    @property
    def hears_facts(self) -> bool:
        """Say whether the viewer listens to facts by now."""
        ...

    @property
    def is_over(self) -> bool:
        """Say whether the other end is gone."""
        ...

    async def answer(self, offer: bytes) -> str:
        """Answer an offer; raises BadOffer."""
        ...

    def say(self, message: dict[str, object]) -> bool:
        """Say something on the facts channel; False where the link takes nothing more."""
        ...

    async def connected(self) -> None:
        """Wait until it is connected, or over."""

    async def close(self) -> None:
        """End it."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Who watches what."""

    access: Access
    stream: StreamId

    @property
    def session(self) -> Session:
        """The session it is a source of."""
        if self.access.session is None:
            raise Bug("a video without its session")
        return self.access.session

    @property
    def coding(self) -> tuple[StreamId, bool]:
        """Name the pictures that are coded for it: whose, and whether masked."""
        return self.stream, self.access.masked


Coded = Callable[[Watched], AbstractContextManager[Broadcast]]
"""Gives the coded pictures of what is watched while a block lasts"""


class VideoWatching:
    """One viewer of video."""

    def __init__(self, parts: Parts, watched: Watched) -> None:
        self._parts = parts
        self.watched = watched
        self.queue = ShotQueue()
        self._ending = asyncio.Event()
        self._geometry = -1
        self._stuck = False
        self._dropped_counted = 0

    def leave(self) -> None:
        """End it soon, at the viewer's own wish."""
        self._ending.set()

    async def run(self, peer: Peer, coded: Coded, held: ExitStack) -> None:
        """Serve until the viewer leaves or must; never raises. `held`: what is given back at the end."""
        with held:
            try:
                await self._serve(peer, coded)
            except SocketProblem as problem:
                peer.say({"type": "error", "title": problem.title, "detail": problem.detail, "code": problem.code})
            except Unavailable as error:
                peer.say({"type": "error", "title": "Try again", "detail": str(error), "code": TRY_AGAIN})
            except Exception as error:
                log.error("video_failed", exc_info=error)
            finally:
                await peer.close()

    async def _serve(self, peer: Peer, coded: Coded) -> None:
        if not await self._connect(peer):
            self._parts.metrics.video_not_connected.inc()
            return
        session, now_ns = self.watched.session, self._parts.now_ns()
        said = {"session": session_view(session, now_ns).model_dump(), "server_time_ns": str(now_ns)}
        peer.say({"type": "joined", "source": self.watched.stream.source, **said})
        with coded(self.watched) as broadcast, broadcast.handing(self.queue):
            while not (peer.is_over or self._ending.is_set() or self._parts.world.ending):
                self._tick(peer)
                await self._wait(TICK_S)

    async def _connect(self, peer: Peer) -> bool:
        try:
            async with asyncio.timeout(CONNECT_S):
                await peer.connected()
        except TimeoutError:
            return False
        loop = asyncio.get_running_loop()
        until_s = loop.time() + FACTS_S
        while peer.offers_facts and not (peer.hears_facts or peer.is_over) and loop.time() < until_s:
            await self._wait(TICK_S / 10)
        return not peer.is_over

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            return

    def _tick(self, peer: Peer) -> None:
        parts, session, dropped = self._parts, self.watched.session, self.queue.dropped
        check(parts, self.watched.access, audit.Doing(WATCH, "POST", ROUTE, parts.secret(), parts.now_ns()))
        parts.metrics.frames_dropped.inc(dropped - self._dropped_counted)
        self._dropped_counted = dropped
        if self._stuck or not peer.say(tick(parts, session, self.watched.stream, dropped)):
            raise SocketProblem(TOO_SLOW, "The link takes no data")
        if session.state in ENDED:
            peer.say({"type": "end", "reason": session.state})
            raise SocketProblem(1000, "The session ended", session.state)

    def sent(self, peer: Peer, shot: Shot, rtp_time: int) -> None:
        """Tell what the picture is that has just gone out."""
        parts, frame, reading = self._parts, shot.frame, shot.reading
        if reading.geometry is not None and frame.geometry != self._geometry:
            self._geometry = frame.geometry
            peer.say({"type": "geometry", "geometry": geometry_view(reading.geometry).model_dump()})
        head = frame.head(discard_for(frame.header.columns, frame.header.rows), self.queue.dropped, reading.cover)
        self._stuck = not peer.say({"type": "frame", "rtp_time": rtp_time, **head})
        now_ns = parts.now_ns()
        parts.metrics.video_frames_sent.inc()
        parts.metrics.bytes_sent.inc(len(shot.data))
        parts.metrics.video_seconds.observe((now_ns - frame.meta.head.clock.captured_at_cloud_ns) / 1e9)
