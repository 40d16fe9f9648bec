"""Since when the broker answers: while it does not, a source that nothing comes of may not be silent at all. Pure."""

import math
from dataclasses import dataclass


@dataclass(slots=True)
class Answers:
    """Looks at the broker, each either answered or not. Times are seconds of a monotonic clock."""

    _since_s: float = math.inf
    _last_s: float = -math.inf

    def looked(self, began_s: float, answered: bool) -> None:
        """Note a look that began at `began_s`."""
        if answered:
            self._since_s, self._last_s = min(self._since_s, began_s), began_s
        else:
            self._since_s, self._last_s = math.inf, -math.inf

    def known_until_s(self, steady_s: float) -> float:
        """Give the moment up to which what stands on the topics has been fetched; -inf where nobody knows.

        After an outage the fetcher needs a moment more than the answer: so it must have answered for `steady_s`.
        """
        return self._last_s if self._last_s - self._since_s >= steady_s else -math.inf
