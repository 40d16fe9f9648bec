"""The life of a supervised part, decided: what is seen of it goes in, its next state and one thing to do come out.

Rules
- A part starts when everything it needs is healthy, and is healthy when it answers in its own protocol.
- A part that ends, or stays silent too long, is started again after a wait that doubles with each failure; a part that
  was well for long enough starts again from the shortest wait.
- Servers outside (no command of ours) are only watched: they are never started or stopped.
- A part that brings data in is held while the disk is low.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Phase(StrEnum):
    """Where a part is in its life."""

    WAITING = "waiting"
    STARTING = "starting"
    HEALTHY = "healthy"
    AILING = "not answering"
    BACKING_OFF = "starting again"
    HELD = "held: disk is low"
    DONE = "done"


class Do(StrEnum):
    """What the shell is to do with the process."""

    NOTHING = "nothing"
    START = "start"
    STOP = "stop"


GIVE_UP_AFTER = 3  # first starts of a server: its port was taken, its folder is broken
RUNNING = frozenset({Phase.STARTING, Phase.HEALTHY, Phase.AILING})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a part is waited for, and how soon it is tried again."""

    start_s: float = 90.0  # a cold JVM or Faust on a busy two-core machine needs up to 30 s
    ailing_s: float = 30.0  # longer than a Kafka recovery or a stop-the-world pause
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    well_after_s: float = 60.0  # healthy this long: earlier failures are forgotten

    def wait_s(self, failures: int) -> float:
        """Give the wait after the n-th failure in a row: doubling, bounded."""
        doubled = self.first_wait_s * 2.0 ** min(max(failures, 1) - 1, 16)
        return min(self.longest_wait_s, doubled)


@dataclass(frozen=True, slots=True)
class Life:
    """The state of one part; times are of one monotonic clock."""

    phase: Phase = Phase.WAITING
    since_s: float = 0.0
    starts: int = 0
    failures: int = 0
    retry_at_s: float = 0.0
    reason: str = ""
    was_well: bool = False
    """It answered at least once"""

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        return max(0, self.starts - 1)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the shell sees of a part at one moment."""

    ready: bool
    """Everything it needs is healthy"""
    running: bool
    exit_code: int | None = None
    """Set once when its process has ended"""
    answer: str | None = None
    """Outcome of a health check since the last look: empty when well, else what is wrong; None: no news"""
    hold: bool = False
    """It brings data in and the disk is low"""
    outside: bool = False
    once: bool = False
    """It ends by itself when its work is done"""


def is_hopeless(life: Life) -> bool:
    """Tell whether a server has failed so often, without ever having served, that waiting will not help."""
    return not life.was_well and life.failures >= GIVE_UP_AFTER


def advance(life: Life, seen: Seen, patience: Patience, now_s: float) -> tuple[Life, Do]:
    """Decide a part's next state and what to do with its process."""
    if life.phase is Phase.DONE:
        return life, Do.NOTHING
    if life.phase in RUNNING:
        return _running(life, seen, patience, now_s)
    if seen.hold:
        return _to(life, Phase.HELD, now_s), Do.NOTHING
    if life.phase is Phase.HELD:
        return _to(life, Phase.WAITING, now_s), Do.NOTHING
    due = life.phase is not Phase.BACKING_OFF or now_s >= life.retry_at_s
    if seen.ready and due and not seen.running:
        started = replace(_to(life, Phase.STARTING, now_s), starts=life.starts + 1)
        return started, Do.NOTHING if seen.outside else Do.START
    return life, Do.NOTHING


def _running(life: Life, seen: Seen, patience: Patience, now_s: float) -> tuple[Life, Do]:
    if seen.exit_code is not None:
        if seen.exit_code == 0 and seen.once:
            return _to(life, Phase.DONE, now_s), Do.NOTHING
        return _failed(life, f"ended with code {seen.exit_code}", patience, now_s), Do.NOTHING
    if seen.hold:
        return _to(life, Phase.HELD, now_s), Do.STOP
    if seen.answer == "":
        return (_to(life, Phase.HEALTHY, now_s), Do.NOTHING)
    if seen.answer is not None:
        life = replace(life, reason=seen.answer)
        if life.phase is Phase.HEALTHY:
            return _to(life, Phase.AILING, now_s), Do.NOTHING
    limit_s = patience.ailing_s if life.phase is Phase.AILING else patience.start_s
    if life.phase is not Phase.HEALTHY and not seen.outside and now_s - life.since_s > limit_s:
        return _failed(life, life.reason or "did not answer", patience, now_s), Do.STOP
    return life, Do.NOTHING


def _failed(life: Life, reason: str, patience: Patience, now_s: float) -> Life:
    was_well = life.phase is Phase.HEALTHY and now_s - life.since_s >= patience.well_after_s
    failures = 1 if was_well else life.failures + 1
    retry_at_s = now_s + patience.wait_s(failures)
    return replace(_to(life, Phase.BACKING_OFF, now_s), failures=failures, retry_at_s=retry_at_s, reason=reason)


def _to(life: Life, phase: Phase, now_s: float) -> Life:
    if life.phase is phase:
        return life
    well = phase is Phase.HEALTHY
    reason = "" if well else life.reason
    return replace(life, phase=phase, since_s=now_s, reason=reason, was_well=life.was_well or well)
