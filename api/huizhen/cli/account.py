"""The account of one demo exam: what was said of it on the topics and found in the archive, as one line of figures."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from huizhen.schemas.events import FrameVerdict, SealReport
from huizhen.schemas.percentile import percentile
from huizhen.schemas.reasons import Verdict


@dataclass(frozen=True, slots=True)
class Account:
    """Figures of one exam, from capture to what was read back from S3."""

    captured: int
    assembled: int
    """Frames that were shown, exact or filled"""
    filled: int
    """Frames that were first shown with filled tiles"""
    rejected: int
    stored: int
    """Exact frames read back from S3 and found sound"""
    missing: int
    pixel_mismatches: int
    """Frames whose bytes or pixels in the archive are not the captured ones"""
    latency_p50_ms: float
    """Capture to a WebSocket viewer, live frames"""
    latency_p95_ms: float

    @property
    def is_sound(self) -> bool:
        """Say whether loss was repaired, nothing is missing, and the archive is what was captured."""
        repaired = self.filled > 0 and self.missing == 0
        return repaired and self.stored == self.captured > 0 and self.pixel_mismatches == 0

    def as_dict(self) -> dict[str, int | float]:
        """Give the figures by name."""
        return asdict(self)


def shown_and_filled(verdicts: Iterable[FrameVerdict]) -> tuple[int, int]:
    """Count the frames that were shown, and those that were shown filled."""
    shown: set[tuple[str, int]] = set()
    filled: set[tuple[str, int]] = set()
    for verdict in verdicts:
        if verdict.verdict in (Verdict.PASS, Verdict.REPAIRED):
            shown.add((verdict.source, verdict.number))
            if verdict.tiles_filled:
                filled.add((verdict.source, verdict.number))
    return len(shown), len(filled)


def account(
    report: SealReport | None,
    verdicts: Iterable[FrameVerdict],
    read_back: tuple[int, int],
    latencies_ms: Iterable[float],
) -> Account:
    """Add up an exam; `read_back` is (frames stored, mismatches). Without a seal all counts are 0."""
    shown, filled = shown_and_filled(verdicts)
    latencies = list(latencies_ms)
    return Account(
        captured=report.captured if report else 0,
        assembled=shown,
        filled=filled,
        rejected=report.rejected if report else 0,
        stored=read_back[0],
        missing=report.missing if report else 0,
        pixel_mismatches=read_back[1],
        latency_p50_ms=round(percentile(latencies, 0.5) or 0.0, 1),
        latency_p95_ms=round(percentile(latencies, 0.95) or 0.0, 1),
    )
