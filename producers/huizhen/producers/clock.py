"""How the station's clock stands to the cloud's, from the broker's time stamps.

The topic `sessions` stamps records with the broker's time of append. A Progress goes there every second, and its
delivery report brings the stamp back: the broker's clock showed it at some moment between sending and report. So each
exchange gives an interval that must hold the offset, as in Cristian's algorithm; the intervals of recent exchanges are
intersected (Marzullo), after widening older ones by what two quartz clocks may drift apart.

Where 0 lies in the interval, the clocks agree as far as can be seen and the offset is given as 0: on one machine, and
between machines that keep time by NTP. The other machines of the cloud are taken to agree with the brokers.
"""

from collections import deque
from dataclasses import dataclass, field

from huizhen.producers.frame import Offset

MS = 1_000_000
STAMP_NS = MS  # a stamp says the millisecond that had begun
DRIFT_PPM = 100  # two cheap clocks, 50 each
EXCHANGES_KEPT = 32


@dataclass(frozen=True, slots=True)
class Exchange:
    """A record sent and stamped; times of the station in UTC nanoseconds."""

    sent_at_ns: int
    reported_at_ns: int
    stamp_ms: int
    """The broker's time of append, milliseconds since 1970"""

    def bounds(self, now_ns: int) -> tuple[int, int]:
        """Give the least and the greatest offset (cloud less station) it allows, at `now_ns`."""
        drift_ns = max(0, now_ns - self.reported_at_ns) * DRIFT_PPM // 1_000_000
        stamp_ns = self.stamp_ms * MS
        return stamp_ns - self.reported_at_ns - drift_ns, stamp_ns + STAMP_NS - self.sent_at_ns + drift_ns


@dataclass(slots=True)
class ClockOffset:
    """Estimates the offset from exchanges."""

    _exchanges: deque[Exchange] = field(default_factory=lambda: deque(maxlen=EXCHANGES_KEPT))

    def add(self, exchange: Exchange) -> None:
        """Take an exchange in; one that ended before it began (the clock was set) is passed over."""
        if exchange.reported_at_ns >= exchange.sent_at_ns:
            self._exchanges.append(exchange)

    def estimate(self, now_ns: int) -> Offset:
        """Give offset and uncertainty at `now_ns`; both 0 where nothing was measured."""
        if not self._exchanges:
            return Offset()
        low, high = self._exchanges[-1].bounds(now_ns)
        for exchange in reversed(self._exchanges):
            least, greatest = exchange.bounds(now_ns)
            if least > high or greatest < low:  # a clock was set since: what is older says nothing
                break
            low, high = max(low, least), min(high, greatest)
        if low <= 0 <= high:
            return Offset(0, max(-low, high))
        return Offset((low + high) // 2, -(-(high - low) // 2))
