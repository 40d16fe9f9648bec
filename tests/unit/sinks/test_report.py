from typing import Any

from huizhen.schemas.events import LedgerEntry, SealReport
from huizhen.schemas.ids import SessionId, TenantId
from huizhen.schemas.ranges import Ranges
from huizhen.schemas.reasons import RejectReason
from huizhen.sinks.report import Closing
from huizhen.sinks.seal import Extent
from huizhen.sinks.stream import StreamArchive
from tests.unit.sinks import exam


def stream(*stored: tuple[int, int]) -> StreamArchive:
    made = StreamArchive(exam.STREAM, lambda _geometry: 4)
    for first, last in stored:
        made.ledger.fold(LedgerEntry("clinic", "exam-1", "probe", first, last, "stored", 5))
    return made


def closing(**more: Any) -> Closing:
    fields: dict[str, Any] = {"recording": True, "by": "producer"}
    return Closing(TenantId("clinic"), SessionId("exam-1"), **(fields | more))


def said(entries: tuple[LedgerEntry, ...]) -> list[tuple[int, int, str, str]]:
    return [(each.first, each.last, each.outcome, each.reason) for each in entries]


def test_every_frame_ends_as_stored_rejected_or_missing_with_a_reason() -> None:
    made = stream((0, 3), (8, 9))
    made.refused = {5: RejectReason.CODING_CHANGED, 2: RejectReason.BAD_CHECKSUM}
    done = closing()
    effect = done.effect(9, {"probe": (Extent(12, Ranges([(10, 10)]), "source_dropped"), made)})
    assert said(effect.entries) == [
        (5, 5, "rejected", "coding_changed"),
        (4, 4, "missing", "unexplained"),
        (6, 7, "missing", "unexplained"),
        (10, 10, "missing", "source_dropped"),
        (11, 11, "missing", "unexplained"),
    ]
    found = effect.report
    assert (found.captured, found.stored, found.rejected, found.missing) == (12, 6, 1, 5)
    assert done.unexplained == 4
    assert found.manifest_key == f"clinic/exam-1/manifest/{found.manifest_sha256}.json"


def test_what_may_not_be_recorded_is_rejected_by_policy() -> None:
    effect = closing(recording=False).effect(9, {"probe": (Extent(4), stream())})
    assert said(effect.entries) == [(0, 3, "rejected", "policy")]


def test_an_amendment_says_only_what_is_new() -> None:
    made = stream((0, 1))
    made.ledger.fold(LedgerEntry("clinic", "exam-1", "probe", 2, 5, "missing", 6, reason="unexplained"))
    before = SealReport("clinic", "exam-1", 6, "timeout", 6, 2, 0, 4, 0, manifest_sha256="b" * 64)
    effect = closing(before=before).effect(9, {"probe": (Extent(8), made)})
    assert said(effect.entries) == [(6, 7, "missing", "unexplained")]
    assert b'"previous":"' + b"b" * 64 in effect.manifest
    assert effect.report.missing == 6
