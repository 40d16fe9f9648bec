"""Offers that nobody should send, and what is read of aiortc that it does not show."""

import asyncio
import logging

import pytest
from aioice import ice
from aiortc.rtcrtpsender import RTCRtpSender

from huizhen.api.sdp import BadOffer
from huizhen.api.turn import ice_server
from huizhen.api.video_peer_io import RtcPeer, prepare, rtp_time_of
from huizhen.api.video_shots import Shot, ShotQueue

GOOD = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
m=video 9 UDP/TLS/RTP/SAVPF 103
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuv
a=fingerprint:sha-256 {fingerprint}
a=setup:actpass
a=mid:0
a=recvonly
a=rtcp-mux
a=rtpmap:103 H264/90000
a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
""".format(fingerprint=":".join(["AB"] * 32)).replace("\n", "\r\n")


def unsent(_: Shot, __: int) -> None:
    raise AssertionError("nothing is sent")


async def answer(offer: str, addresses: tuple[str, ...] = ()) -> str:
    peer = RtcPeer(ShotQueue(), unsent, None, addresses)
    try:
        return await peer.answer(offer.encode())
    finally:
        await peer.close()


async def test_an_offer_is_answered_with_h264_alone_and_no_address() -> None:
    said = await answer(GOOD)
    assert "a=rtpmap:103 H264/90000" in said
    assert "VP8" not in said
    assert "a=sendonly" in said
    assert "a=candidate" not in said


@pytest.mark.parametrize(
    ("cut", "put"),
    [
        ("a=recvonly", "a=sendonly"),
        ("a=recvonly", "a=inactive"),
        ("H264/90000", "VP8/90000"),
        ("a=ice-ufrag:abcd\r\n", ""),
        ("a=ice-pwd:abcdefghijklmnopqrstuv\r\n", ""),
        ("a=ice-pwd:abcdefghijklmnopqrstuv", "a=ice-pwd:\x00"),
        ("a=setup:actpass\r\n", ""),
        ("a=setup:actpass", "a=setup:sideways"),
        ("a=mid:0\r\n", ""),
        ("m=video 9 UDP/TLS/RTP/SAVPF 103", "m=video nine UDP/TLS/RTP/SAVPF 103"),
        ("m=video 9 UDP/TLS/RTP/SAVPF 103", "m=video"),
        ("a=rtpmap:103", "a=rtpmap:x"),
        ("H264/90000", "H264"),
        ("c=IN IP4 0.0.0.0", "c=IN"),
        ("a=rtcp:9 IN IP4 0.0.0.0", "a=rtcp:"),
        ("a=group:BUNDLE 0", "a=group:BUNDLE 7"),
        ("a=fmtp:103 level", "a=fmtp:999 level"),
        ("profile-level-id=42e01f", "profile-level-id=zz"),
        ("a=rtcp-mux\r\n", "a=rtcp-mux\r\na=candidate:1 1 udp x 192.0.2.1 y typ host\r\n"),
        ("a=rtcp-mux\r\n", "a=rtcp-mux\r\na=extmap:99999999999 urn:x\r\na=ssrc:x\r\na=msid:\r\n"),
        ("a=fingerprint:sha-256", "a=fingerprint:sha-1000"),
    ],
)
async def test_a_broken_offer_is_refused_or_answered_and_nothing_else(cut: str, put: str) -> None:
    assert cut in GOOD
    try:
        said = await answer(GOOD.replace(cut, put))
    except BadOffer as refused:
        said = str(refused)
    assert said.startswith(("v=0", "the offer is not accepted"))
    assert "192.0.2.1" not in said


async def test_sockets_are_opened_on_the_named_addresses_alone_and_nothing_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ice, "get_host_addresses", ice.get_host_addresses)  # as it was, after the test
    caplog.set_level(logging.DEBUG)
    prepare(["127.0.0.1"])
    said = await answer(GOOD, ("127.0.0.1",))
    candidates = [line.split()[4] for line in said.splitlines() if line.startswith("a=candidate")]
    assert candidates == ["127.0.0.1"]
    assert [record.name for record in caplog.records if record.name.startswith("aio")] == []


async def test_a_relay_that_does_not_answer_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huizhen.api.video_peer_io.GATHER_S", 0.05)
    server = ice_server(["turn:127.0.0.1:9?transport=udp"], "secret", "word", 0)
    peer = RtcPeer(ShotQueue(), unsent, server, ())
    with pytest.raises(BadOffer, match="no relay answered"):
        await peer.answer(GOOD.encode())
    async with asyncio.timeout(30):
        await peer.close()


async def test_the_private_time_of_a_sender_is_still_where_it_is_read() -> None:
    peer = RtcPeer(ShotQueue(), unsent, None, ())
    await peer.answer(GOOD.encode())
    sender = peer._track.sender
    assert isinstance(sender, RTCRtpSender)
    assert rtp_time_of(sender) == 0  # nothing was sent
    await peer.close()
