"""Growing pauses between attempts to get something back."""

FIRST_S = 0.5
LONGEST_S = 30.0  # a camera plugged in again is found within this time


def pause_s(attempt: int) -> float:
    """Give the pause before attempt number `attempt`, from 0: doubled each time, up to LONGEST_S."""
    return min(LONGEST_S, FIRST_S * 2.0 ** min(attempt, 16))
