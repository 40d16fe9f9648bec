"""What is said of a frame when it closes, or becomes better later."""

from dataclasses import dataclass

from huizhen.processors.acks import Hold
from huizhen.processors.arrival import Arrived
from huizhen.processors.frame import KnownTile
from huizhen.schemas.codestream import MainHeader
from huizhen.schemas.errors import BadInput
from huizhen.schemas.reasons import Verdict
from huizhen.schemas.record import FrameHead


@dataclass(frozen=True, slots=True)
class Closed:
    """A frame as it stands; `hold` owes one delivery for it."""

    head: FrameHead
    hold: Hold
    verdict: Verdict
    revision: int
    header: MainHeader | None
    tiles: dict[int, KnownTile]
    stream: bytes = b""
    """The canonical codestream of an exact frame; empty otherwise"""
    packets_missing: tuple[int, ...] = ()
    is_backfilled: bool = False
    refusal: BadInput | None = None
    records: tuple[Arrived, ...] = ()
    """The records of a rejected frame, to be kept as they came"""
