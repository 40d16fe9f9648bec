"""A viewer's live socket: frames as they come, a tick four times a second, and the right to be here asked each tick."""

import asyncio
import time

from fastapi import APIRouter, WebSocket

from huizhen.api.live import ViewerQueue
from huizhen.api.live_frame import Cover, LiveFrame
from huizhen.api.live_join import Joined, doing, join, shake_hands
from huizhen.api.live_messages import (
    TOO_MANY,
    TRY_AGAIN,
    AskFrame,
    Pace,
    Painted,
    SetResolution,
    SocketProblem,
    read_message,
)
from huizhen.api.live_watch import ENDED, TICK_S, check, tick
from huizhen.api.parts import Parts, parts_of
from huizhen.api.resolution import Chooser, Resolution
from huizhen.api.session import Session
from huizhen.api.socket_io import both, bounded, hear, say, serve
from huizhen.api.teaching import cover_for
from huizhen.api.views import geometry_view, session_view
from huizhen.schemas.errors import BadInput

MESSAGES_PER_SECOND = 20  # besides "painted", which never outnumbers the frames sent
router = APIRouter(prefix="/v1")


@router.websocket("/sessions/{session}/live")
async def live(websocket: WebSocket, session: str) -> None:
    """Watch one source of a session live; see docs/topics/api.md for the messages."""
    parts = parts_of(websocket)
    if not await shake_hands(websocket, parts, parts.origins):
        return
    await serve(websocket, parts, "socket_failed", lambda: _join_and_watch(websocket, parts, session))


async def _join_and_watch(websocket: WebSocket, parts: Parts, session: str) -> None:
    joined = await join(websocket, parts, session)
    who = joined.access.principal
    with parts.seats.person(who.institution, who.subject) as free:
        if not free:
            raise SocketProblem(TOO_MANY, "You watch in too many places", "close another page first")
        parts.metrics.viewers.inc()
        try:
            await Watching(websocket, parts, joined).run()
        finally:
            parts.metrics.viewers.dec()


class Watching:
    """One joined viewer."""

    def __init__(self, websocket: WebSocket, parts: Parts, joined: Joined) -> None:
        frames = parts.settings.api.viewer_queue_frames
        self._websocket = websocket
        self._parts = parts
        self._joined = joined
        self._queue = ViewerQueue(frames, frames)
        self._chooser = Chooser(joined.asked.resolution)
        self._wake = asyncio.Event()
        self._pace = Pace(MESSAGES_PER_SECOND)
        self._sent = 0
        self._dropped_counted = 0
        self._geometry = -1
        self._cover: Cover | None = None
        self._asked: LiveFrame | None = None

    @property
    def _session(self) -> Session:
        session = self._joined.access.session
        if session is None:
            raise SocketProblem(TRY_AGAIN, "The session is gone")
        return session

    def offer(self, frame: LiveFrame) -> None:
        """Take a frame from the hub."""
        self._queue.offer(frame)
        self._wake.set()

    async def run(self) -> None:
        """Serve until the viewer leaves or must; raises SocketProblem."""
        now_ns = self._parts.now_ns()
        session = session_view(self._session, now_ns).model_dump()
        await self._say(
            {"type": "joined", "session": session, "source": self._joined.stream.source, "server_time_ns": str(now_ns)}
        )
        with self._parts.hub.watching(self._joined.stream, self):
            await both(self._listen(), self._send())

    async def _listen(self) -> None:
        while True:
            said = await hear(self._websocket, read_message)
            if said is None:
                return
            if isinstance(said, Painted) and self._queue.painted(said.number, said.revision):
                self._wake.set()
                continue
            if self._pace.exceeded(time.monotonic()):
                raise SocketProblem(TOO_MANY, "Too many messages", f"at most {MESSAGES_PER_SECOND} a second")
            if isinstance(said, SetResolution):
                self._choose(said.value)
            elif isinstance(said, AskFrame):
                self._asked = self._parts.hub.recent(self._joined.stream, said.number)
                self._wake.set()

    def _choose(self, wanted: Resolution) -> None:
        before, self._chooser.wanted = self._chooser.discard, wanted
        newest = self._parts.hub.newest(self._joined.stream)
        if newest is not None and self._chooser.discard < before:
            self._queue.refine(newest)
            self._wake.set()

    async def _send(self) -> None:
        tick_s = 0.0
        while True:
            now_s = time.monotonic()
            if now_s >= tick_s:
                tick_s = now_s + TICK_S
                await self._tick()
            asked, self._asked = self._asked, None
            if asked is not None:
                await self._send_frame(asked, 0)  # held still: there is time for all of it
            frame = self._queue.take(now_s)
            if frame is not None:
                await self._send_frame(frame, self._chooser.discard)
                continue
            self._wake.clear()
            try:
                async with asyncio.timeout(max(0.0, tick_s - time.monotonic())):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _send_frame(self, frame: LiveFrame, discard: int) -> None:
        if frame.geometry != self._geometry and not await self._tell_geometry(frame):
            return
        parts = self._parts
        try:
            message = frame.message(discard, self._queue.dropped, self._cover)
        except BadInput:  # it cannot be cut or masked: not shown
            parts.metrics.frames_bad.inc()
            return
        await bounded(self._websocket.send_bytes(message))
        now_ns = parts.now_ns()
        self._sent += 1
        parts.metrics.frames_sent.inc()
        parts.metrics.bytes_sent.inc(len(message))
        parts.metrics.live_seconds.observe((now_ns - frame.meta.head.clock.captured_at_cloud_ns) / 1e9)
        parts.metrics.fanout_seconds.observe((now_ns - frame.meta.closed_at_ns) / 1e9)

    async def _tell_geometry(self, frame: LiveFrame) -> bool:
        """Tell how a frame is read; say whether it may be shown: one to be masked not before it is known how."""
        known = self._session.source(self._joined.stream.source).geometries.get(frame.geometry)
        if known is None:
            return not self._joined.access.masked
        try:
            self._cover = cover_for(frame.header, known) if self._joined.access.masked else None
        except BadInput:
            return False
        await self._say({"type": "geometry", "geometry": geometry_view(known).model_dump()})
        self._geometry = frame.geometry
        return True

    async def _tick(self) -> None:
        check(self._parts, self._joined.access, doing(self._parts))
        session = self._session
        self._chooser.tick(self._sent, self._queue.dropped)
        self._parts.metrics.frames_dropped.inc(self._queue.dropped - self._dropped_counted)
        self._dropped_counted = self._queue.dropped
        await self._say(tick(self._parts, session, self._joined.stream, self._queue.dropped))
        if session.state in ENDED and self._queue.is_empty:
            await self._say({"type": "end", "reason": session.state})
            raise SocketProblem(1000, "The session ended", session.state)

    async def _say(self, message: dict[str, object]) -> None:
        await say(self._websocket, message)
