"""Which frames still go live when the cloud cannot follow: fewer, evenly spaced, until it no longer says so.

Theory of operation. Processors that are behind say so twice a second, to every station whose frames wait. At each word
a station sends a share less of its frames live (multiplicative decrease); after QUIET_NS without a word the share rises
steadily (additive increase), as in congestion control of a network (Jacobson and Karels, 1988; RFC 5681). So stations
that share a cloud meet at what it bears, without knowing of each other. What does not go live stands in the journal and
follows as backfill, which rests meanwhile: every frame still arrives, and what is shown is from now.
"""

from dataclasses import dataclass, replace

MS = 1_000_000
LESS = 0.7  # of the share, at each word
WORD_NS = 400 * MS  # words closer together than this are one: several workers may say the same
QUIET_NS = 2_000 * MS  # without a word, until the share rises
RISE_PER_S = 0.05  # of the full rate: from half to all in ten seconds
SHARE_MIN = 1 / 32  # about a frame a second of 30


@dataclass(frozen=True, slots=True)
class Ease:
    """How much of what is captured goes live."""

    share: float = 1.0
    credit: float = 0.0
    """A frame goes where this reaches 1"""
    told_at_ns: int = -QUIET_NS
    risen_at_ns: int = 0


def behind(ease: Ease, now_ns: int) -> Ease:
    """Learn that the cloud is behind."""
    if now_ns - ease.told_at_ns < WORD_NS:
        return ease
    return replace(ease, share=max(SHARE_MIN, ease.share * LESS), told_at_ns=now_ns, risen_at_ns=now_ns + QUIET_NS)


def offered(ease: Ease, now_ns: int) -> tuple[Ease, bool]:
    """Take the next frame in; says whether it goes live."""
    if ease.share >= 1.0:
        return ease, True
    risen_s = max(0, now_ns - ease.risen_at_ns) / 1e9
    share = min(1.0, ease.share + RISE_PER_S * risen_s)
    credit = ease.credit + share
    goes = credit >= 1.0
    return replace(ease, share=share, credit=credit - goes, risen_at_ns=max(now_ns, ease.risen_at_ns)), goes
