"""What the link bears: how many bytes may be on their way, one packet a frame or five, and room for backfill.

Theory of operation. The only thing a station can see of its link is how long deliveries take. A delivery is quick when
it took at most QUICK_NS longer than the quickest of late. While deliveries are quick, the window of bytes on their way
grows by what was delivered (it doubles in a round trip); a slow one shrinks it by half of that. So on a thin link the
queue stands here, where the newest frame's base can pass older details, and not inside the Kafka client.

The link counts as slow for HOLD_NS after each slow or failed delivery and whenever frames pile up: then a frame goes in
five packets and backfill waits. The hold keeps the choice from flapping.
"""

from dataclasses import dataclass, replace

MS = 1_000_000
QUICK_NS = 100 * MS
FLOOR_MAX_NS = 200 * MS  # however far away the cloud is, a delivery slower than this and QUICK_NS is not live
FLOOR_RISE_NS = MS // 10  # per delivery: the floor forgets an old route within minutes
HOLD_NS = 2_000 * MS
WINDOW_MIN = 4 << 10  # one packet at a time: a base takes longer than that on any link that is slow
WINDOW_START = 64 << 10  # a link that nobody knows yet: it doubles every round trip
BACKFILL_SPEED = 4.0  # times real time at most while a source runs: it leaves the processor to the encoder
BACKFILL_FRAMES_MAX = 16


@dataclass(frozen=True, slots=True)
class Link:
    """The link as deliveries show it."""

    window_max: int
    window: int = WINDOW_START
    inflight: int = 0
    floor_ns: int = FLOOR_MAX_NS
    """How long a delivery takes at the least"""
    latency_ns: int = 0
    """Smoothed time of a delivery"""
    slow_until_ns: int = 0
    failing: bool = False
    """The newest report was a failure"""

    @property
    def has_room(self) -> bool:
        """Say whether another frame may be begun; its first packet then goes, whatever its size."""
        return self.inflight < self.window

    def fits(self, size: int) -> bool:
        """Say whether `size` more bytes may be handed over."""
        return self.inflight == 0 or self.inflight + size <= self.window

    def is_slow(self, now_ns: int) -> bool:
        """Say whether the link does not keep up."""
        return now_ns < self.slow_until_ns


def handed(link: Link, size: int) -> Link:
    """Count bytes that were handed to the Kafka client."""
    return replace(link, inflight=link.inflight + size)


def delivered(link: Link, size: int, took_ns: int, now_ns: int) -> Link:
    """Learn from a delivery."""
    floor_ns = min(took_ns, link.floor_ns + FLOOR_RISE_NS, FLOOR_MAX_NS)
    quick = took_ns <= floor_ns + QUICK_NS
    used = link.inflight > link.window // 2  # a window that was not used says nothing about a larger one
    window = link.window + (size if used else 0) if quick else link.window - size // 2
    return replace(
        link,
        inflight=max(0, link.inflight - size),
        floor_ns=floor_ns,
        latency_ns=(7 * link.latency_ns + took_ns) // 8,
        window=min(max(window, WINDOW_MIN), link.window_max),
        slow_until_ns=link.slow_until_ns if quick else now_ns + HOLD_NS,
        failing=False,
    )


def failed(link: Link, size: int, now_ns: int) -> Link:
    """Learn from a delivery that failed or came too late: begin small again."""
    inflight = max(0, link.inflight - size)
    return replace(link, inflight=inflight, window=WINDOW_MIN, slow_until_ns=now_ns + HOLD_NS, failing=True)


def crowded(link: Link, now_ns: int) -> Link:
    """Learn that frames wait behind each other."""
    return replace(link, slow_until_ns=now_ns + HOLD_NS)


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


def may_backfill(pace: Backfill, link: Link, live_waiting: int, live_rate_hz: float, now_ns: int) -> bool:
    """Say whether a late frame may go now: its turn has come, and live, where a source runs, is fine."""
    live_suffers = bool(live_waiting) or link.is_slow(now_ns) or link.failing
    if live_rate_hz > 0 and live_suffers:
        return False
    return pace.inflight < pace.window and now_ns >= pace.next_at_ns


def backfill_handed(pace: Backfill, live_rate_hz: float, now_ns: int) -> Backfill:
    """Count a late frame; while sources run at `live_rate_hz` in all, the next waits its share of real time."""
    gap_ns = int(1e9 / (live_rate_hz * BACKFILL_SPEED)) if live_rate_hz > 0 else 0
    return replace(pace, inflight=pace.inflight + 1, next_at_ns=max(now_ns - gap_ns, pace.next_at_ns) + gap_ns)


def backfill_delivered(pace: Backfill, ok: bool) -> Backfill:
    """Let one more travel after a delivery, and one alone after a failure."""
    window = min(pace.window + 1, BACKFILL_FRAMES_MAX) if ok else 1
    return replace(pace, inflight=max(0, pace.inflight - 1), window=window)
