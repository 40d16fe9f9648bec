"""One viewer's WebRTC connection (aiortc): the answer to an offer, coded pictures out, facts beside them.

aiortc packs `av.Packet`s as they are, so that a picture is coded once for everybody. The RTP time of each picture is
told beside it, with what it is: a player names the picture it shows by that time, and the page knows its frame.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Collection
from fractions import Fraction

import av
from aioice import ice
from aiortc import RTCConfiguration, RTCDataChannel, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy, RTCIceTransportPolicy
from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from aiortc.rtcrtpsender import RTCRtpSender

from huizhen.api.sdp import BadOffer, checked_offer, told_answer
from huizhen.api.turn import IceServer
from huizhen.api.video_encoder import CLOCK_HZ
from huizhen.api.video_shots import Shot, ShotQueue

GATHER_S = 5.0  # a relay answers in tenths of a second
FACTS = "facts"  # label of the data channel
FACTS_WAITING_MAX_BYTES = 256 << 10  # some seconds of facts; more is a dead link
NOT_SDP = (
    ValueError, LookupError, ArithmeticError, AssertionError, AttributeError, TypeError, RuntimeError,
    InternalError, InvalidAccessError, InvalidStateError, OperationError,
)  # fmt: skip
"""What aiortc raises where an offer is malformed: its parser checks little"""
Sent = Callable[[Shot, int], None]


def prepare(addresses: Collection[str]) -> None:
    """Let connections of this process open sockets on these addresses alone, and log none of any.

    aioice takes all addresses but loopback, and names those of both ends in its log lines.
    """
    for library in ("aioice", "aiortc"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    allowed = list(addresses)
    ice.get_host_addresses = lambda use_ipv4, use_ipv6: allowed


class ShotTrack(MediaStreamTrack):  # type: ignore[misc] # aiortc tells mypy nothing
    """Gives a viewer's shots to aiortc, and says of each when it has gone out."""

    kind = "video"

    def __init__(self, queue: ShotQueue, sent: Sent) -> None:
        super().__init__()
        self._queue = queue
        self._sent = sent
        self._out: Shot | None = None
        self.sender: RTCRtpSender | None = None

    async def recv(self) -> av.Packet:
        """Give the next shot; aiortc asks for it once the one before has gone out."""
        if self.readyState != "live":
            raise MediaStreamError
        if self._out is not None and self.sender is not None:
            self._sent(self._out, rtp_time_of(self.sender))
        self._out = await self._queue.take()
        packet = av.Packet(self._out.data)
        packet.pts, packet.time_base = self._out.at, Fraction(1, CLOCK_HZ)
        return packet


def rtp_time_of(sender: RTCRtpSender) -> int:
    """Give the RTP time of the newest packet; aiortc begins at a random one and tells it nowhere else."""
    return int(getattr(sender, "_RTCRtpSender__rtp_timestamp"))  # noqa: B009 - private: a test sees it go


def _h264() -> list[RTCRtpCodecCapability]:
    """Give what the shots are in, and its retransmission."""
    known = RTCRtpSender.getCapabilities("video").codecs
    return [codec for codec in known if codec.mimeType in {"video/H264", "video/rtx"}]


class RtcPeer:
    """A viewer's connection."""

    def __init__(self, queue: ShotQueue, sent: Sent, server: IceServer | None, addresses: Collection[str]) -> None:
        self._addresses = addresses
        servers = [] if server is None else [RTCIceServer(server.urls[0], server.username, server.credential)]
        policy = RTCIceTransportPolicy.ALL if addresses else RTCIceTransportPolicy.RELAY
        self._rtc = RTCPeerConnection(RTCConfiguration(servers, policy, RTCBundlePolicy.MAX_BUNDLE))
        self._track = ShotTrack(queue, sent)
        self._facts: RTCDataChannel | None = None
        self.offers_facts = False
        self._connected, self._over = asyncio.Event(), asyncio.Event()
        self._rtc.on("connectionstatechange", self._changed)
        self._rtc.on("datachannel", self._opened)

    async def answer(self, offer: bytes) -> str:
        """Answer an offer with SDP that names no inside address; raises BadOffer."""
        text = checked_offer(offer)
        try:
            async with asyncio.timeout(GATHER_S):
                transceiver = self._rtc.addTransceiver(self._track, direction="sendonly")
                transceiver.setCodecPreferences(_h264())
                self._track.sender = transceiver.sender
                await self._rtc.setRemoteDescription(RTCSessionDescription(text, "offer"))
                await self._rtc.setLocalDescription(await self._rtc.createAnswer())
        except TimeoutError as error:
            raise BadOffer("no relay answered in time") from error
        except NOT_SDP as error:
            raise BadOffer("it is no SDP this server can answer with H.264") from error
        answer: str = self._rtc.localDescription.sdp
        if "\na=sendonly" not in answer:
            raise BadOffer("it does not take the video")
        self.offers_facts = self._rtc.sctp is not None
        return told_answer(answer, self._addresses)

    def say(self, message: dict[str, object]) -> bool:
        """Say something on the facts channel, if the viewer opened one; False where the link takes nothing more."""
        if self._facts is None or self._facts.readyState != "open":
            return True
        if self._facts.bufferedAmount > FACTS_WAITING_MAX_BYTES:
            return False
        self._facts.send(json.dumps(message, separators=(",", ":")))
        return True

    @property
    def hears_facts(self) -> bool:
        """Say whether the viewer listens to facts by now."""
        return self._facts is not None and self._facts.readyState == "open"

    async def connected(self) -> None:
        """Wait until it is connected, or over."""
        await self._connected.wait()

    @property
    def is_over(self) -> bool:
        """Say whether the other end is gone."""
        return self._over.is_set()

    async def close(self) -> None:
        """End it."""
        self._track.stop()
        await self._rtc.close()

    def _changed(self) -> None:
        if self._rtc.connectionState in {"failed", "closed"}:
            self._over.set()
        if self._rtc.connectionState != "connecting":
            self._connected.set()

    def _opened(self, channel: RTCDataChannel) -> None:
        if channel.label == FACTS:
            self._facts = channel
