"""When a session is complete, what is asked for again, and what is missing for which reason.

Theory of operation. How many frames a source captured is known from its seal, before that from its progress, and at
the least from the highest number seen. A frame is accounted for when it is stored, rejected, or said by the station to
have been dropped. Of the rest, those that have had time to come are asked for again, a bounded piece at a time, at
doubling intervals while nothing comes of it. When a sealed session is complete, or nothing new came for `drain_s`, or
when a session has been silent, the ledger is closed: what is left is missing, with the reason that is known.
"""

import hashlib
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from huizhen.schemas.events import Progress, SealedSource
from huizhen.schemas.ranges import Ranges, Run, from_flat, runs_of, union
from huizhen.schemas.reasons import MissingReason

ASK_FRAMES_MAX = 256  # a frame of 100 KB each: 25 MB, a few seconds of a hospital's uplink
ASK_RUNS_MAX = 16  # commands per source and round
ASK_WAIT_MAX_S = 30.0
BEHIND_PATIENCE = 5  # a station that says it is sending late frames already is given this many times longer
PATIENCE_MAX_S = 30.0
SMOOTHING = 4  # share of the newest late frame in the smoothed lateness
MARKS = 16  # remembered (time, captured) pairs per patience: how finely overdue is judged


@dataclass(frozen=True, slots=True)
class Extent:
    """What a source captured, as far as is known."""

    frames: int
    dropped: Ranges = field(default_factory=Ranges)
    drop_reason: str = ""
    journal_digest: str = ""
    behind: int = 0
    """Frames that the station still means to send late"""


def extent_of(sealed: SealedSource | None, progress: Progress | None, seen: int) -> Extent:
    """Give the extent of a source; `seen` is the highest frame number seen plus one."""
    if sealed is not None:
        frames = max(sealed.frames, 0)
        dropped = _below(union(from_flat(sealed.dropped), from_flat(progress.dropped if progress else [])), frames)
        return Extent(frames, dropped, sealed.drop_reason, sealed.journal_digest)
    if progress is None:
        return Extent(seen)
    frames = max(progress.captured, seen)
    reason = progress.alarm if progress.alarm in set(MissingReason) else ""
    return Extent(frames, _below(from_flat(progress.dropped), frames), reason, "", progress.behind_frames)


def _below(numbers: Ranges, stop: int) -> Ranges:
    return Ranges((first, min(last, stop - 1)) for first, last in numbers.pairs() if first < stop)


def explain(runs: Iterable[Run], extent: Extent) -> list[tuple[Run, str]]:
    """Give each run of missing frames its reason: what the station dropped has the station's, the rest has none."""
    known = extent.drop_reason if extent.drop_reason in set(MissingReason) else MissingReason.SPOOL_FULL
    explained: list[tuple[Run, str]] = []
    for first, last in runs:
        unknown = extent.dropped.gaps(first, last + 1)
        dropped = Ranges(unknown).gaps(first, last + 1)
        explained += [(run, MissingReason.UNEXPLAINED) for run in unknown] + [(run, known) for run in dropped]
    return sorted(explained)


def journal_digest(digests: Mapping[int, bytes], frames: int, dropped: Ranges) -> str | None:
    """Give the rolling digest of a source's journal: over number and digest of each journalled frame, in order.

    None where a digest is not known (a rejected frame's).
    """
    rolling = bytes(32)
    for first, last in dropped.gaps(0, frames):
        for number in range(first, last + 1):
            digest = digests.get(number)
            if digest is None:
                return None
            rolling = hashlib.sha256(rolling + number.to_bytes(8, "big") + digest).digest()
    return rolling.hex()


@dataclass(slots=True)
class Asking:
    """Paces what is asked of one source again. Times are seconds of a monotonic clock.

    Patience follows what is seen: where late frames come 20 s late, asking after 2 s would only add to the queue that
    they stand in. So it is twice their smoothed lateness, at least `wait_s`, as a TCP sender waits for round trips.
    """

    wait_s: float
    _marks: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=2 * MARKS))
    """When the stream had come to which number"""
    _late_s: float = 0.0
    _moved_s: float = 0.0
    """When a new frame came last"""
    _asked: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Per frame asked for: not again before, and the interval that was last waited"""
    _round_s: float = 0.0

    def came(self, number: int, now_s: float) -> None:
        """Note that a new frame came; it is late where the stream had been past it."""
        self._moved_s = now_s
        passed_s = next((at for at, frames in self._marks if frames > number), None)
        if passed_s is not None:
            self._late_s += (now_s - passed_s - self._late_s) / SMOOTHING

    def patience_s(self, extent: Extent) -> float:
        """Give how long a frame may stay away before it is asked for."""
        patience = min(PATIENCE_MAX_S, max(self.wait_s, 2 * self._late_s))
        return patience * (BEHIND_PATIENCE if extent.behind else 1)

    def overdue(self, extent: Extent, seen: int, now_s: float) -> int:
        """Give the number below which every frame has had its time.

        That is what the stream left behind so long ago; and all that was captured, once the stream stands still.
        """
        patience = self.patience_s(extent)
        last_s, last = self._marks[-1] if self._marks else (-patience, -1)
        if last != seen and now_s >= last_s + patience / MARKS:
            self._marks.append((now_s, seen))
        if seen < extent.frames and self._moved_s == 0.0:
            self._moved_s = now_s  # nothing came yet: time runs from when frames were known of
        if now_s >= self._moved_s + patience:
            return extent.frames
        return max((frames for at, frames in self._marks if at <= now_s - patience), default=0)

    def ask(self, missing: list[Run], now_s: float) -> list[Run]:
        """Give the runs to ask for now out of those that are overdue: bounded, lowest first, each with back-off."""
        if not missing or now_s < self._round_s:
            return []
        self._round_s = now_s + self.wait_s
        left = Ranges(missing)
        self._asked = {number: paced for number, paced in self._asked.items() if number in left}
        due = (number for number in left if self._asked.get(number, (0.0, 0.0))[0] <= now_s)
        wanted = runs_of(islice(due, ASK_FRAMES_MAX))[:ASK_RUNS_MAX]
        for number in Ranges(wanted):
            interval = min(ASK_WAIT_MAX_S, max(self.wait_s, 2 * self._asked.get(number, (0.0, 0.0))[1]))
            self._asked[number] = (now_s + interval, interval)
        return wanted
