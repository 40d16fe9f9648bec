"""Which tiles the other end has, so that an unchanged one is declared instead of sent; and when a key frame is due.

Rules. A tile is declared unchanged only against a frame of the same key interval that carried it completely. A key
frame carries every tile and begins an interval. One is due: at the start, after `interval_ns`, after a gap of more than
GAP_NS without a frame sent, on another geometry, and whenever `ask_key` was called (a lost packet, a viewer's wish).
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from huizhen.producers.frame import Frame
from huizhen.schemas.packet import Unchanged

GAP_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How a frame goes out: tiles that are sent and tiles that are only declared."""

    key: bool
    tiles: tuple[int, ...]
    unchanged: tuple[Unchanged, ...]

    def depends_on(self, number: int) -> frozenset[int]:
        """Give the numbers of the frames that carried the unchanged tiles of frame `number`."""
        return frozenset(number - tile.age for tile in self.unchanged)


@dataclass(slots=True)
class References:
    """What was sent of one source in the running key interval."""

    interval_ns: int
    _sent: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    _geometry: int = -1
    _key_at_ns: int = 0
    _last_at_ns: int = 0
    _asked: bool = True

    def ask_key(self) -> None:
        """Let the next frame be a key frame."""
        self._asked = True

    def plan(self, frame: Frame) -> Plan:
        """Decide what of a frame is sent; a key frame begins its interval here."""
        key = self._is_key_due(frame)
        if key:
            self._sent.clear()
            self._key_at_ns, self._geometry, self._asked = frame.monotonic_ns, frame.geometry, False
        self._last_at_ns = frame.monotonic_ns
        tiles, unchanged = [], []
        for index, digest in enumerate(frame.tile_digests):
            number, known = self._sent.get(index, (-1, b""))
            if known == digest:
                unchanged.append(Unchanged(index, frame.number - number, digest))
            else:
                tiles.append(index)
        return Plan(key, tuple(tiles), tuple(unchanged))

    def settle(self, frame: Frame, plan: Plan, incomplete: Collection[int]) -> None:
        """Take note of what was sent: all tiles of the plan but the incomplete ones."""
        for index in plan.tiles:
            if index in incomplete:
                self._sent.pop(index, None)
            else:
                self._sent[index] = (frame.number, frame.tile_digests[index])

    def _is_key_due(self, frame: Frame) -> bool:
        return (
            self._asked
            or frame.geometry != self._geometry
            or frame.monotonic_ns - self._key_at_ns >= self.interval_ns
            or frame.monotonic_ns - self._last_at_ns > GAP_NS
        )
