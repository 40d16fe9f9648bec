from dataclasses import replace

import pytest

from huizhen.cli.account import account, shown_and_filled
from huizhen.schemas.events import FrameVerdict, SealReport

PLAIN = FrameVerdict("t", "s", "probe", 0, 0, 1, "pass", True, False, 0, 0, 0, 20, 0, 0, 0.0, 1)
FILLED = replace(PLAIN, number=1, verdict="repaired", exact=False, tiles_filled=5)
REPORT = SealReport("t", "s", 0, "producer", captured=2, stored=2, rejected=0, missing=0, derived=0)


def test_a_frame_shown_filled_and_later_exact_counts_once_in_both() -> None:
    exact = replace(PLAIN, number=1, revision=1)
    assert shown_and_filled([PLAIN, FILLED, FILLED, exact]) == (2, 1)


def test_refused_and_incomplete_frames_were_not_shown() -> None:
    assert shown_and_filled([replace(PLAIN, verdict="rejected"), replace(PLAIN, verdict="incomplete")]) == (0, 0)


def test_a_sound_exam_has_the_figures_of_its_line() -> None:
    found = account(REPORT, [PLAIN, FILLED], (2, 0), [10.0, 20.0, 30.0])
    assert found.is_sound
    assert found.as_dict() == {
        "captured": 2, "assembled": 2, "filled": 1, "rejected": 0, "stored": 2, "missing": 0, "pixel_mismatches": 0,
        "latency_p50_ms": 20.0, "latency_p95_ms": 30.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("report", "verdicts", "read_back"),
    [
        (None, [FILLED], (0, 0)),
        (REPORT, [PLAIN], (2, 0)),
        (REPORT, [FILLED], (1, 0)),
        (REPORT, [FILLED], (2, 1)),
        (replace(REPORT, missing=1), [FILLED], (2, 0)),
    ],
)
def test_an_exam_with_any_fault_is_not_sound(
    report: SealReport | None, verdicts: list[FrameVerdict], read_back: tuple[int, int]
) -> None:
    assert not account(report, verdicts, read_back, []).is_sound
