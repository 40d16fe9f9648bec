"""Which detail packets a demo pretends to lose: a fixed choice per packet, so that a run can be repeated."""

import hashlib

from huizhen.schemas.ids import FrameId


def is_withheld(frame: FrameId, index: int, percent: float) -> bool:
    """Say whether a detail packet is not sent live; over many packets, `percent` of them are not."""
    if percent <= 0:
        return False
    drawn = int.from_bytes(hashlib.sha256(f"{frame}/{index}".encode()).digest()[:4], "big")
    return drawn < percent / 100 * (1 << 32)
