"""Rate limits, keyed by subject and not by address: a whole hospital may stand behind one address.

Only failed sign-ins are counted by address too, where there is no subject yet; a good code is never limited.
"""

import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

FAILED_SIGN_INS_PER_MINUTE = 20  # from one address: codes are long and used once; people mistype links, not codes
ALL_FAILED_SIGN_INS_PER_MINUTE = 600  # from everywhere, each of which writes an audit event
FRAMES_PER_MINUTE = 7_200  # a stored clip played at 60 frames/s, and as much again for looking around
STRANGERS_PER_MINUTE = 1_200  # requests without a valid token, each of which writes an audit event


class Rates:
    """Counts requests in memory; one process serves one deployment's readers."""

    def __init__(self, requests_per_minute: int) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._subject = RateLimitItemPerMinute(requests_per_minute)
        self._frames = RateLimitItemPerMinute(FRAMES_PER_MINUTE)
        self._failed = RateLimitItemPerMinute(FAILED_SIGN_INS_PER_MINUTE)
        self._all_failed = RateLimitItemPerMinute(ALL_FAILED_SIGN_INS_PER_MINUTE)
        self._stranger = RateLimitItemPerMinute(STRANGERS_PER_MINUTE)

    def of_subject(self, institution: str, subject: str, frames: bool = False) -> int | None:
        """Count a request, those for stored frames apart; give the seconds to wait where it is one too many."""
        if frames:
            return self._hit(self._frames, "frames", institution, subject)
        return self._hit(self._subject, "subject", institution, subject)

    def of_failed_sign_in(self, address: str) -> int | None:
        """Count a sign-in whose code was refused, by address and then altogether, as `of_subject`."""
        return self._hit(self._failed, "address", address) or self._hit(self._all_failed, "sign-in")

    def of_stranger(self) -> int | None:
        """Count a request without a valid token, as `of_subject`."""
        return self._hit(self._stranger, "stranger")

    def _hit(self, item: RateLimitItem, *key: str) -> int | None:
        if self._limiter.hit(item, *key):
            return None
        return max(1, math.ceil(self._limiter.get_window_stats(item, *key).reset_time - time.time()))
