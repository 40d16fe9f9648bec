"""A WHEP player (aiortc) as a stranger would write one: it offers, is answered, and looks at pictures and facts."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from av import VideoFrame

WAIT_S = 60.0


class WhepViewer:
    """One video that is watched."""

    def __init__(self) -> None:
        self.rtc = RTCPeerConnection(RTCConfiguration([]))
        self.place = ""
        self.answer = ""
        self._tracks: asyncio.Queue[Any] = asyncio.Queue()
        self._told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._track: Any = None
        self.rtc.on("track", self._tracks.put_nowait)

    async def offer(self, facts: bool = True) -> str:
        """Make an offer."""
        self.rtc.addTransceiver("video", direction="recvonly")
        if facts:
            channel = self.rtc.createDataChannel("facts")
            channel.on("message", lambda text: self._told.put_nowait(json.loads(text)))
        await self.rtc.setLocalDescription(await self.rtc.createOffer())
        return str(self.rtc.localDescription.sdp)

    async def take(self, answer: str) -> None:
        """Take the answer."""
        self.answer = answer
        await self.rtc.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def said(self, kind: str) -> dict[str, Any]:
        """Give the next fact of a kind."""
        async with asyncio.timeout(WAIT_S):
            while True:
                told = await self._told.get()
                if told["type"] == kind:
                    return told

    async def picture(self) -> VideoFrame:
        """Give the next decoded picture."""
        async with asyncio.timeout(WAIT_S):
            if self._track is None:
                self._track = await self._tracks.get()
            frame = await self._track.recv()
        assert isinstance(frame, VideoFrame)
        return frame


@asynccontextmanager
async def watch_video(client: httpx.Client, session: str, facts: bool = True) -> AsyncIterator[WhepViewer]:
    """Watch a session's first source; the block ends without a word to the server."""
    viewer = WhepViewer()
    try:
        offer = await viewer.offer(facts)
        headers = {"content-type": "application/sdp"}
        answer = await asyncio.to_thread(client.post, f"/v1/sessions/{session}/whep", content=offer, headers=headers)
        assert answer.status_code == 201, answer.text
        viewer.place = answer.headers["location"]
        await viewer.take(answer.text)
        yield viewer
    finally:
        await viewer.rtc.close()
