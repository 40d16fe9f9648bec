"""Who plays which stored instance: a clip of 128 frames is one access that is written down, not 128."""

AGAIN_S = 300.0  # a playback that goes on, or is taken up again, is written down once in this time
PLAYBACKS_MAX = 20_000  # remembered; the oldest go first, and are then written down again

Playback = tuple[str, ...]
"""Subject, institution, and the path of the instance"""


class Playbacks:
    """Remembers the accesses that were written down lately."""

    def __init__(self) -> None:
        self._written: dict[Playback, float] = {}

    def is_written(self, playback: Playback, now_s: float) -> bool:
        """Say whether it was written down within the last AGAIN_S."""
        return now_s - self._written.get(playback, float("-inf")) < AGAIN_S

    def wrote(self, playback: Playback, now_s: float) -> None:
        """Note that it was written down now."""
        self._written.pop(playback, None)
        self._written[playback] = now_s
        while len(self._written) > PLAYBACKS_MAX:
            del self._written[next(iter(self._written))]
