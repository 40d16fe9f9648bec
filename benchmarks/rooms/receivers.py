"""Viewers that check frame numbers and do not decode: by WebSocket, and by video (aiortc, as a client).

`python -m benchmarks.rooms.receivers KIND COUNT SECONDS < JSON`, in which stand `page`, `session` and `bearers`.
One JSON line: latencies in ms from capture (cloud clock) to arrival, and how often a number went down.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvloop
from aioice import ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, rtcrtpreceiver
from websockets.asyncio.client import connect
from websockets.typing import Origin, Subprotocol

MESSAGE_MAX = 20 << 20
LOOPBACK = "127.0.0.1"


@dataclass
class Tally:
    """What all viewers of a kind got."""

    latencies_ms: list[float] = field(default_factory=list)
    backwards: int = 0
    viewers: set[int] = field(default_factory=set)
    from_s: float = 0.0

    def take(self, viewer: int, head: dict[str, Any], before: int, arrived_ns: int) -> int:
        """Note a picture; gives its number."""
        number = int(head["number"])
        if time.monotonic() >= self.from_s:
            self.latencies_ms.append((arrived_ns - int(head["captured_at_ns"])) / 1e6)
            self.backwards += number < before
            self.viewers.add(viewer)
        return number


@dataclass(frozen=True)
class Seat:
    """One viewer, and where it watches."""

    viewer: int
    page: str
    session: str
    bearer: str

    async def post(self, path: str, content: bytes, kind: str) -> httpx.Response:
        """Ask for something."""
        headers = {"authorization": f"Bearer {self.bearer}", "content-type": kind}
        async with httpx.AsyncClient(timeout=30) as http:
            return (await http.post(self.page + path, content=content, headers=headers)).raise_for_status()


async def by_socket(seat: Seat, until_s: float, tally: Tally) -> None:
    """Watch by WebSocket as the page does, saying what was painted."""
    address, newest = f"{seat.page.replace('http', 'ws', 1)}/v1/sessions/{seat.session}/live", -1
    asked = json.dumps({"purpose": "live", "session": seat.session}).encode()
    ticket = (await seat.post("/v1/tickets", asked, "application/json")).json()["ticket"]
    subprotocols = [Subprotocol("huizhen.live.v1")]
    async with connect(
        address, origin=Origin(seat.page), subprotocols=subprotocols, compression=None, max_size=MESSAGE_MAX
    ) as socket:
        await socket.send(json.dumps({"type": "join", "ticket": ticket, "resolution": "full"}))
        while time.monotonic() < until_s:
            message = await socket.recv()
            if isinstance(message, bytes):
                arrived_ns = time.time_ns()
                head = json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")])
                newest = tally.take(seat.viewer, head, newest, arrived_ns)
                await socket.send(json.dumps({"type": "painted", "number": newest, "revision": head["revision"]}))


class Arrivals:
    """When the pictures of one viewer were whole, by RTP time: in place of a decoder."""

    def __init__(self) -> None:
        self.at_ns: dict[int, int] = {}


OF_QUEUE: dict[int, Arrivals] = {}
"""By the decoder's output queue, which aiortc gives one for each receiver"""


def note_instead_of_decoding(_loop: object, taken: Any, given: object, _failed: object) -> None:
    """Stand in for aiortc's decoder thread."""
    while (task := taken.get()) is not None:
        _, frame = task
        OF_QUEUE.setdefault(id(given), Arrivals()).at_ns[frame.timestamp & 0xFFFFFFFF] = time.time_ns()


async def by_video(seat: Seat, until_s: float, tally: Tally) -> None:
    """Watch by WHEP."""
    peer = RTCPeerConnection(RTCConfiguration([]))  # by its default it asks a server of somebody else
    peer.addTransceiver("video", direction="recvonly")
    facts, heads = peer.createDataChannel("facts"), dict[int, dict[str, Any]]()
    began = list[int]()  # RTP time of the first picture: aiortc counts from there

    def heard(text: str) -> None:
        said = json.loads(text)
        if said["type"] == "frame":
            began.append(said["rtp_time"])
            heads[said["rtp_time"] - began[0] & 0xFFFFFFFF] = said

    receivers: list[Any] = []
    facts.on("message", heard)
    peer.on("track", receivers.append)
    await peer.setLocalDescription(await peer.createOffer())
    offer = peer.localDescription.sdp.encode()
    answer = await seat.post(f"/v1/sessions/{seat.session}/whep", offer, "application/sdp")
    await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    newest = -1
    while time.monotonic() < until_s:
        await asyncio.sleep(0.1)
        for track in receivers:
            arrivals = OF_QUEUE.setdefault(id(track._queue), Arrivals())
            for rtp in sorted(set(heads) & set(arrivals.at_ns), key=lambda rtp: heads[rtp]["number"]):
                newest = tally.take(seat.viewer, heads.pop(rtp), newest, arrivals.at_ns.pop(rtp))
    await peer.close()


async def main(kind: str, count: int, seconds: float, given: dict[str, Any]) -> Tally:
    """Let `count` viewers watch at once; the first two seconds do not count."""
    page, session = given["page"].rstrip("/"), given["session"]
    tally = Tally(from_s=time.monotonic() + 2 + count / 10)
    until_s = tally.from_s + seconds
    if kind == "video":
        ice.get_host_addresses = lambda use_ipv4, use_ipv6: [LOOPBACK]
        rtcrtpreceiver.decoder_worker = note_instead_of_decoding
    watch = by_video if kind == "video" else by_socket
    seats = [Seat(viewer, page, session, bearer) for viewer, bearer in enumerate(given["bearers"][:count])]
    watching = [watch(seat, until_s, tally) for seat in seats]
    await asyncio.gather(*(_later(number / 10, one) for number, one in enumerate(watching)))
    return tally


async def _later(seconds: float, watching: Any) -> None:
    await asyncio.sleep(seconds)
    await watching


if __name__ == "__main__":
    found = uvloop.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), json.load(sys.stdin)))
    told = {"latencies_ms": found.latencies_ms, "backwards": found.backwards, "viewers": len(found.viewers)}
    print(json.dumps(told), flush=True)
