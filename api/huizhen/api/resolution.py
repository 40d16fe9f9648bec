"""Which resolution a viewer gets: what it asked for, or what its link bears (`auto`)."""

from enum import StrEnum

LOOK_BACK = 8  # ticks of a quarter second: two seconds of drops decide
RISE_AFTER = 16  # ticks without a drop before the resolution rises again: slower up than down, so it does not swing
DROP_SHARE = 0.25


class Resolution(StrEnum):
    """What a viewer may ask for."""

    FULL = "full"
    HALF = "half"
    QUARTER = "quarter"
    AUTO = "auto"


FIXED = {Resolution.FULL: 0, Resolution.HALF: 1, Resolution.QUARTER: 2}


class Chooser:
    """Chooses how many resolutions are left out; `auto` lowers when a quarter of the frames is dropped."""

    def __init__(self, wanted: Resolution) -> None:
        self.wanted = wanted
        self._auto = 0
        self._seen: list[tuple[int, int]] = []
        self._calm = 0

    @property
    def discard(self) -> int:
        """Resolutions to leave out: 0, 1 or 2."""
        return FIXED.get(self.wanted, self._auto)

    def tick(self, sent: int, dropped: int) -> None:
        """Look at the totals of frames sent and dropped so far, four times a second."""
        calm = not self._seen or dropped == self._seen[-1][1]
        self._calm = self._calm + 1 if calm else 0
        self._seen = [*self._seen[-LOOK_BACK:], (sent, dropped)]
        sent_since = sent - self._seen[0][0]
        dropped_since = dropped - self._seen[0][1]
        if len(self._seen) > LOOK_BACK and dropped_since > DROP_SHARE * (sent_since + dropped_since):
            self._change(min(2, self._auto + 1))
        elif self._calm >= RISE_AFTER:
            self._change(max(0, self._auto - 1))

    def _change(self, discard: int) -> None:
        self._auto = discard
        self._calm = 0
        self._seen = self._seen[-1:]
