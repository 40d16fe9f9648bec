"""No inside address goes out; nothing that is too much, or that would be looked up here, comes in."""

import pytest

from huizhen.api.sdp import CANDIDATES_MAX, OFFER_MAX_BYTES, BadOffer, checked_offer, told_answer

ANSWER = "\r\n".join((
    "v=0",
    "o=- 1 1 IN IP4 0.0.0.0",
    "a=group:BUNDLE 0 1",
    "m=video 51111 UDP/TLS/RTP/SAVPF 103",
    "c=IN IP4 10.1.2.3",
    "a=rtcp:9 IN IP4 10.1.2.3",
    "a=candidate:1 1 udp 2130706431 10.1.2.3 51111 typ host",
    "a=candidate:2 1 udp 2130706431 fd00::7 51112 typ host",
    "a=candidate:3 1 udp 1694498815 203.0.113.9 51111 typ srflx raddr 10.1.2.3 rport 51111",
    "a=candidate:4 1 udp 16777215 198.51.100.4 60001 typ relay raddr 10.1.2.3 rport 51113",
    "a=end-of-candidates",
    "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP6 fd00::7",
    "",
))  # fmt: skip
INSIDE = ("10.1.2.3", "fd00::7", "51111", "51112", "51113")


def offer(*lines: str) -> bytes:
    return "\r\n".join(("v=0", "m=video 9 UDP/TLS/RTP/SAVPF 96", *lines, "")).encode()


def candidate(address: str, transport: str = "udp") -> str:
    return f"a=candidate:1 1 {transport} 2113937151 {address} 33405 typ host generation 0"


def test_an_answer_names_relays_and_no_address_of_ours() -> None:
    told = told_answer(ANSWER, [])
    assert [one for one in INSIDE if one in told] == []
    assert "a=candidate:4 1 udp 16777215 198.51.100.4 60001 typ relay raddr 0.0.0.0 rport 9\r\n" in told
    assert told.count("a=candidate") == 1
    assert "203.0.113.9" not in told, "the address our network shows outside"


def test_an_answer_names_the_addresses_the_site_allows_and_no_other() -> None:
    told = told_answer(ANSWER, ["10.1.2.3"])
    assert "a=candidate:1 1 udp 2130706431 10.1.2.3 51111 typ host\r\n" in told
    assert told.count("10.1.2.3") == 1
    assert "fd00::7" not in told


def test_an_answer_stays_sdp() -> None:
    lines = told_answer(ANSWER, []).split("\r\n")
    assert "m=video 9 UDP/TLS/RTP/SAVPF 103" in lines
    assert "m=application 0 UDP/DTLS/SCTP webrtc-datachannel" in lines, "a medium that was refused stays so"
    assert lines.count("c=IN IP4 0.0.0.0") == 2
    assert "a=rtcp:9 IN IP4 0.0.0.0" in lines
    assert "a=end-of-candidates" in lines
    assert lines[-1] == ""
    assert not any(line.endswith("\r") for line in lines)


def test_candidates_that_have_no_address_are_left_out() -> None:
    text = checked_offer(
        offer(
            candidate("8ecdcfd2-90d2-476b-81f0-30c134313da3.local"),
            candidate("printer.hospital.example"),
            candidate("224.0.0.251"),
            candidate("192.0.2.1", "tcp"),
            candidate("192.0.2.2"),
            candidate("2001:db8::1"),
            "a=candidate:1 1 udp",
        )
    )
    assert [line.split()[4] for line in text.splitlines() if line.startswith("a=candidate")] == [
        "192.0.2.2", "2001:db8::1"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"hello",
        b"\xff\xfe",
        b"v=0\r\n",
        b"v=0\r\nm=audio 9 X 1\r\n",
        offer("m=video 9 X 1"),
        offer("m=application 9 X", "m=application 9 X"),
        offer("m=audio 9 X", "m=audio 9 X", "m=audio 9 X", "m=audio 9 X"),
        offer(*[candidate("192.0.2.1")] * (CANDIDATES_MAX + 1)),
        offer(*["a=x"] * 1_000),
        offer("a=" + "x" * OFFER_MAX_BYTES),
    ],
)
def test_what_is_no_offer_or_too_much_is_refused(bad: bytes) -> None:
    with pytest.raises(BadOffer, match="the offer is not accepted"):
        checked_offer(bad)
