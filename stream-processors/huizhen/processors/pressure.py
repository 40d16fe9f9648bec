"""Whether a partition is behind, and which stations are to be told. Pure: offsets and a monotonic clock go in.

Theory of operation. A queue that empties now and then only takes up jitter; one that never empties within WINDOW_S is a
standing one, and its least length is how far behind the worker is (Nichols and Jacobson, CoDel, 2012; RFC 8289).
Records are turned into seconds by the rate at which they arrive, so no clock of a station is asked. A queue that is not
standing long, or that nobody adds to, is nobody's fault.
"""

from dataclasses import dataclass, field

from huizhen.schemas.ids import StationId, StreamId

WINDOW_S = 0.5  # longer than a rebalance's or a collector's pause, shorter than a viewer's patience
BEHIND_S = 0.4  # with this much standing, a picture is half a second old: a fifth of what is marked late
END_MAX = 1 << 62  # an end above this is not known
STREAMS_MAX = 1024  # of one partition and window; a worker that has more is behind whatever it tells the others


@dataclass(frozen=True, slots=True)
class Told:
    """Stations that should send fewer frames live, and by how much the worker is behind."""

    behind_s: float
    streams: tuple[tuple[StreamId, StationId], ...]


@dataclass(slots=True)
class _Window:
    began_s: float
    end: int
    least: int
    streams: dict[StreamId, StationId] = field(default_factory=dict)


@dataclass(slots=True)
class Pressure:
    """Watches the partitions of one worker."""

    _windows: dict[tuple[str, int], _Window] = field(default_factory=dict)

    def saw(self, place: tuple[str, int], stream: StreamId, station: StationId) -> None:
        """Note that a station sends a stream live in this partition."""
        window = self._windows.get(place)
        if window is not None and len(window.streams) < STREAMS_MAX:
            window.streams[stream] = station

    def took(self, place: tuple[str, int], offset: int, end: int, now_s: float) -> Told | None:
        """Note a record taken at `offset`, while the partition's newest stands before `end`; says whom to tell."""
        if end > END_MAX:
            return None
        window = self._windows.get(place)
        if window is None:
            self._windows[place] = _Window(now_s, end, max(0, end - offset - 1))
            return None
        window.least = min(window.least, max(0, end - offset - 1))
        if now_s - window.began_s < WINDOW_S:
            return None
        rate_hz = (end - window.end) / (now_s - window.began_s)
        behind_s = window.least / rate_hz if rate_hz > 0 else 0.0
        self._windows[place] = _Window(now_s, end, max(0, end - offset - 1))
        return Told(behind_s, tuple(window.streams.items())) if behind_s > BEHIND_S and window.streams else None

    def forget(self, place: tuple[str, int]) -> None:
        """Drop what is known of a partition that is read again, here or elsewhere."""
        self._windows.pop(place, None)
