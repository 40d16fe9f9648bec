"""When a part is stuck: the broker answers, records wait, and nothing moves. Pure; the shell leaves the process then.

After an outage Faust may need a minute to find back, or never does; a restart takes two seconds. Waiting that is
declared (a full queue, a topic that takes no records, S3 away) counts as alive, and so does time in which nobody
looked: a process that was stopped, or a machine that had no turn for it, begins anew.
"""

from dataclasses import dataclass

LATE_S = 3.0  # looks are taken every second


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen at one moment: `moved` is any value that changes when work gets done."""

    now_s: float
    answers: bool
    waiting: bool
    declared: bool
    moved: tuple[int, ...]


@dataclass(slots=True)
class Watchdog:
    """Remembers since when nothing moved."""

    stuck_after_s: float
    _since_s: float | None = None
    _seen_s: float = 0.0
    _moved: tuple[int, ...] = ()

    def is_stuck(self, sight: Sight) -> bool:
        """Take a look; say whether the part has been stuck for `stuck_after_s`."""
        slept = sight.now_s - self._seen_s >= max(self.stuck_after_s, LATE_S)
        self._seen_s = sight.now_s
        idle = not sight.answers or not sight.waiting or sight.declared or slept
        if idle or sight.moved != self._moved or self._since_s is None:
            self._since_s, self._moved = sight.now_s, sight.moved
            return False
        return sight.now_s - self._since_s >= self.stuck_after_s
