"""What is let in and out of SDP (RFC 8866): no inside address goes out, nothing that is too much comes in.

An answer names relays, and of our own addresses those the site allows; `c=`, `m=` and related addresses, which would
name another, are blanked as RFC 8839 and RFC 8840 say. Of an offer's candidates only those with an address are kept:
names (`….local`) would be looked up on our own network. An offer is never logged.
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass

from huizhen.schemas.errors import BadInput
from huizhen.schemas.reasons import RejectReason

OFFER_MAX_BYTES = 32 << 10  # browsers send 3 to 6 KiB
LINES_MAX = 1_000
MEDIA_MAX = 4  # video, facts, and what players offer besides
CANDIDATES_MAX = 32  # each is sent packets to; browsers offer two to ten
NOWHERE = {4: "0.0.0.0", 6: "::"}  # noqa: S104  (said to peers, not listened on)
CONNECTION = re.compile(r"^c=IN IP[46] .*$", re.M)
RTCP = re.compile(r"^a=rtcp:\d+ .*$", re.M)
MEDIA = re.compile(r"^m=(\w+) [1-9]\d* ", re.M)
CANDIDATE = "a=candidate:"


@dataclass(eq=False)
class BadOffer(BadInput):
    """An SDP offer that is none, or asks too much."""

    what: str
    reason = RejectReason.BAD_ENVELOPE

    def __str__(self) -> str:
        return f"the offer is not accepted: {self.what}"


def checked_offer(offer: bytes) -> str:
    """Give an offer's text without candidates that have no address; raises BadOffer."""
    if len(offer) > OFFER_MAX_BYTES:
        raise BadOffer(f"{len(offer)} bytes, limit {OFFER_MAX_BYTES} (OFFER_MAX_BYTES)")
    try:
        lines = offer.decode().splitlines()
    except UnicodeDecodeError as error:
        raise BadOffer("it is no UTF-8") from error
    if not lines or lines[0] != "v=0" or len(lines) > LINES_MAX:
        raise BadOffer("it is no SDP")
    media = [line.split(" ", 1)[0] for line in lines if line.startswith("m=")]
    if media.count("m=video") != 1 or len(media) > MEDIA_MAX or media.count("m=application") > 1:
        raise BadOffer(f"one video is shown, beside at most one data channel; {len(media)} media are offered")
    kept = [line for line in lines if not line.startswith(CANDIDATE) or _has_address(line)]
    if sum(line.startswith(CANDIDATE) for line in kept) > CANDIDATES_MAX:
        raise BadOffer(f"more than {CANDIDATES_MAX} candidates (CANDIDATES_MAX)")
    return "\r\n".join(kept) + "\r\n"


def _has_address(line: str) -> bool:
    words = line.split()
    if len(words) < 8 or words[2].lower() != "udp":
        return False
    try:
        return not ipaddress.ip_address(words[4]).is_multicast
    except ValueError:
        return False


def told_answer(answer: str, addresses: Collection[str]) -> str:
    """Give an answer that names relays, and of hosts the allowed `addresses` alone."""
    lines = [told for line in answer.splitlines() if (told := _told(line, addresses))]
    text = "\r\n".join(lines) + "\r\n"
    text = CONNECTION.sub("c=IN IP4 0.0.0.0\r", text)
    text = RTCP.sub("a=rtcp:9 IN IP4 0.0.0.0\r", text)
    return MEDIA.sub(r"m=\1 9 ", text)


def _told(line: str, addresses: Collection[str]) -> str:
    if not line.startswith(CANDIDATE):
        return line
    words = line.split()
    kind = words[words.index("typ") + 1]
    if kind == "host":
        return line if words[4] in addresses else ""
    if kind != "relay":
        return ""
    for name, blank in (("raddr", NOWHERE[ipaddress.ip_address(words[4]).version]), ("rport", "9")):
        if name in words:
            words[words.index(name) + 1] = blank
    return " ".join(words)
