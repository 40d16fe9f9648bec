"""What the link bears: how many bytes may be on their way, one packet a frame or five, and room for backfill.

Theory of operation. The only thing a station can see of its link is how long deliveries take. A delivery is quick when
it took at most QUICK_NS longer than the quickest of late. While deliveries are quick, the window of bytes on their way
grows by what was delivered (it doubles in a round trip); a slow one shrinks it by half of that, but never below what
the link has just been delivering in QUICK_NS: a busy machine makes deliveries slow without any want of room. So on a
thin link the queue stands here, where the newest frame's base can pass older details, and not in the Kafka client.

The link is *slow* for HOLD_NS after each slow or failed delivery and whenever frames pile up: then a frame goes in five
packets. The hold keeps the choice from flapping. It is *strained* for STRAIN_NS after a failure or a pile: then live
needs all of it. Backfill that was at work when a strain began pauses, each time twice as long, so that on a link with
no room to spare it hardly disturbs live; one frame every TRICKLE_NS goes all the same, unless deliveries fail.
"""

import math
from dataclasses import dataclass, replace

MS = 1_000_000
QUICK_NS = 100 * MS
FLOOR_MAX_NS = 200 * MS  # however far away the cloud is, a delivery slower than this and QUICK_NS is not live
FLOOR_RISE_NS = MS // 10  # per delivery: the floor forgets an old route within minutes
HOLD_NS = 2_000 * MS
STRAIN_NS = 1_000 * MS
RATE_NS = 500 * MS  # over which the delivered rate is averaged
WINDOW_MIN = 4 << 10  # one packet at a time: a base takes longer than that on any link that is slow
WINDOW_START = 64 << 10  # a link that nobody knows yet: it doubles every round trip
SPEED_MIN, SPEED_MAX = 0.5, 4.0  # times real time while a source runs: the most leaves the processor to the encoder
SPEED_RISE_PER_S = 0.5  # so many stations whose outage ended together begin gently, and are heard before they press
BACKFILL_FRAMES_MAX = 16
PAUSE_MIN_NS, PAUSE_MAX_NS = 500 * MS, 30_000 * MS
TRICKLE_NS = 5_000 * MS  # a frame asked for again is not starved by a link or machine that is always busy


@dataclass(frozen=True, slots=True)
class Link:
    """The link as deliveries show it."""

    window_max: int
    window: int = WINDOW_START
    inflight: int = 0
    floor_ns: int = FLOOR_MAX_NS
    """How long a delivery takes at the least"""
    rate: float = 0.0
    """Bytes delivered per nanosecond, averaged over RATE_NS"""
    reported_at_ns: int = 0
    slow_until_ns: int = 0
    strained_until_ns: int = 0
    failing: bool = False
    """The newest report was a failure"""
    unheard_since_ns: int = 0
    """Since when nothing was heard of what is on its way"""
    whole_until_ns: int = 0
    """Until when frames go in one packet, because it is not the link that is short of room"""

    @property
    def has_room(self) -> bool:
        """Say whether another frame may be begun; its first packet then goes, whatever its size."""
        return self.inflight < self.window

    def fits(self, size: int) -> bool:
        """Say whether `size` more bytes may be handed over."""
        return self.inflight == 0 or self.inflight + size <= self.window

    def is_slow(self, now_ns: int) -> bool:
        """Say whether frames should go in five packets."""
        return self.whole_until_ns <= now_ns < self.slow_until_ns

    def is_strained(self, now_ns: int) -> bool:
        """Say whether live needs all of the link."""
        return self.failing or now_ns < self.strained_until_ns

    def is_silent(self, now_ns: int, longest_ns: int) -> bool:
        """Say whether something is on its way and nothing was heard of it for longer than that."""
        return self.inflight > 0 and now_ns - self.unheard_since_ns > longest_ns


def handed(link: Link, size: int, now_ns: int) -> Link:
    """Count bytes that were handed to the Kafka client."""
    since_ns = link.unheard_since_ns if link.inflight else now_ns
    return replace(link, inflight=link.inflight + size, unheard_since_ns=since_ns)


def delivered(link: Link, size: int, took_ns: int, now_ns: int) -> Link:
    """Learn from a delivery."""
    floor_ns = min(took_ns, link.floor_ns + FLOOR_RISE_NS, FLOOR_MAX_NS)
    quick = took_ns <= floor_ns + QUICK_NS
    passed_ns = max(0, now_ns - link.reported_at_ns)
    rate = link.rate * math.exp(-passed_ns / RATE_NS) + size / RATE_NS
    used = link.inflight > link.window // 2  # a window that was not used says nothing about a larger one
    window = link.window + (size if used else 0) if quick else link.window - size // 2
    least = max(WINDOW_MIN, int(rate * QUICK_NS))
    return replace(
        link,
        inflight=max(0, link.inflight - size),
        floor_ns=floor_ns,
        rate=rate,
        reported_at_ns=now_ns,
        window=min(max(window, least), link.window_max),
        slow_until_ns=link.slow_until_ns if quick else now_ns + HOLD_NS,
        failing=False,
        unheard_since_ns=now_ns,
    )


def failed(link: Link, size: int, now_ns: int) -> Link:
    """Learn from a delivery that failed or came too late: begin small again."""
    return replace(
        _held(link, now_ns),
        inflight=max(0, link.inflight - size),
        window=WINDOW_MIN,
        rate=0.0,
        failing=True,
        unheard_since_ns=now_ns,
    )


def crowded(link: Link, now_ns: int) -> Link:
    """Learn that frames wait behind each other."""
    return _held(link, now_ns)


def overloaded(link: Link, now_ns: int) -> Link:
    """Learn that the cloud, not the link, is slow: five packets would only make it more work, and so would backfill."""
    return replace(
        link,
        whole_until_ns=now_ns + HOLD_NS,
        strained_until_ns=max(link.strained_until_ns, now_ns + HOLD_NS),
    )


def _held(link: Link, now_ns: int) -> Link:
    return replace(link, slow_until_ns=now_ns + HOLD_NS, strained_until_ns=now_ns + STRAIN_NS)


def packets_per_frame(link: Link, setting: int, now_ns: int) -> int:
    """Give 1 or 5: as set, or by the link where the setting is 0."""
    if setting:
        return setting
    return 5 if link.is_slow(now_ns) else 1


@dataclass(frozen=True, slots=True)
class Backfill:
    """How fast late frames may follow."""

    window: int = 1
    """Frames that may be on their way"""
    inflight: int = 0
    next_at_ns: int = 0
    handed_at_ns: int = 0
    speed: float = SPEED_MIN
    """Times real time at which late frames follow while a source runs"""
    pause_ns: int = 0
    """How long it last stood back for live"""
    is_pausing: bool = True
    has_worked: bool = False
    """A frame was handed over since the last pause"""


@dataclass(frozen=True, slots=True)
class LiveLoad:
    """What live needs of the link now."""

    waiting: int = 0
    """Frames not handed over"""
    rate_hz: float = 0.0
    """Of all running sources; 0: live is over and cannot suffer"""


def look(pace: Backfill, link: Link, load: LiveLoad, now_ns: int) -> Backfill:
    """Stand back where live suffers, each time twice as long where backfill was at work when it began."""
    suffers = load.rate_hz > 0 and link.is_strained(now_ns)
    if suffers == pace.is_pausing:
        return pace
    if not suffers:
        return replace(pace, is_pausing=False)
    if not pace.has_worked:
        return replace(pace, is_pausing=True)
    pause_ns = min(max(2 * pace.pause_ns, PAUSE_MIN_NS), PAUSE_MAX_NS)
    return replace(
        pace,
        is_pausing=True,
        has_worked=False,
        window=1,
        speed=SPEED_MIN,
        pause_ns=pause_ns,
        next_at_ns=now_ns + pause_ns,
    )


def may_backfill(pace: Backfill, link: Link, load: LiveLoad, now_ns: int) -> bool:
    """Say whether a late frame may go now."""
    if pace.inflight >= pace.window:
        return False
    if load.rate_hz <= 0:
        return True
    if link.failing:
        return False
    if pace.inflight == 0 and now_ns - pace.handed_at_ns >= TRICKLE_NS:
        return True
    return not pace.is_pausing and not load.waiting and now_ns >= pace.next_at_ns


def backfill_handed(pace: Backfill, load: LiveLoad, now_ns: int) -> Backfill:
    """Count a late frame; while sources run, the next waits its share of real time."""
    gap_ns = int(1e9 / (load.rate_hz * pace.speed)) if load.rate_hz > 0 else 0
    next_at_ns = max(now_ns - gap_ns, pace.next_at_ns) + gap_ns
    worked_s = min(now_ns - pace.handed_at_ns, 2 * gap_ns) / 1e9
    speed = min(SPEED_MAX, pace.speed + SPEED_RISE_PER_S * worked_s)
    worked = pace.has_worked or not pace.is_pausing
    return replace(
        pace,
        inflight=pace.inflight + 1,
        next_at_ns=next_at_ns,
        handed_at_ns=now_ns,
        has_worked=worked,
        speed=speed,
    )


def backfill_delivered(pace: Backfill, ok: bool) -> Backfill:
    """Let one more travel after a delivery, and one alone after a failure."""
    window = min(pace.window + 1, BACKFILL_FRAMES_MAX) if ok else 1
    shorter_ns = pace.pause_ns * 7 // 8 if ok else pace.pause_ns
    return replace(pace, inflight=max(0, pace.inflight - 1), window=window, pause_ns=shorter_ns)
