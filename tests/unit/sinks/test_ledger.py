import random
from typing import Any

import pytest

from huizhen.schemas.errors import Refused
from huizhen.schemas.events import LedgerEntry
from huizhen.schemas.reasons import Outcome
from huizhen.sinks.ledger import Counts, StreamLedger, entries_of_instance, entries_without_object
from huizhen.sinks.plan import Plan
from tests.unit.sinks import exam


def entry(first: int, last: int, outcome: str, at_ns: int = 5, **more: Any) -> LedgerEntry:
    return LedgerEntry("clinic", "exam-1", "probe", first, last, outcome, at_ns, **more)


ENTRIES = [
    entry(0, 3, "stored", frame_digests=["0a" * 32] * 4),
    entry(2, 5, "rejected", reason="policy"),
    entry(4, 8, "missing", reason="unexplained"),
    entry(7, 7, "derived"),
    entry(3, 7, "derived"),
]


def test_stored_beats_rejected_beats_missing_and_derived_stands_beside() -> None:
    ledger = StreamLedger()
    for each in ENTRIES:
        ledger.fold(each)
    assert ledger.counts(10) == Counts(captured=10, stored=4, rejected=2, missing=4, derived=4)
    assert ledger.accounted().pairs() == [(0, 5)]
    assert ledger.digests[3] == bytes.fromhex("0a" * 32)


@pytest.mark.parametrize("seed", range(5))
def test_any_order_and_any_repetition_give_the_same_ledger(seed: int) -> None:
    order = ENTRIES * 2
    random.Random(seed).shuffle(order)
    one, other = StreamLedger(), StreamLedger()
    for each in ENTRIES:
        one.fold(each)
    for each in order:
        other.fold(each)
    assert one == other


def test_what_a_report_covers_is_only_counted() -> None:
    ledger = StreamLedger()
    ledger.fold(entry(0, 1, "stored", 5, frame_digests=["0a" * 32] * 2))
    ledger.fold(entry(2, 2, "stored", 9, frame_digests=["0b" * 32]))
    ledger.close(5)
    assert (len(ledger.stored), list(ledger.digests), [key[1] for key in ledger.entries]) == (3, [2], [2])
    ledger.fold(entry(3, 3, "stored", 4, frame_digests=["0c" * 32]), reported_at_ns=5)
    assert (len(ledger.stored), list(ledger.digests)) == (4, [2])


def test_an_instance_has_an_entry_per_run_with_the_index_of_its_first_frame() -> None:
    source = exam.source()
    frames = tuple(exam.frame(number) for number in (0, 1, 4, 7, 8))
    plan = Plan("exact", exam.STREAM, exam.announced(source), source, exam.geometry(), frames)
    entries = entries_of_instance(plan, "key", "sum", 9)
    assert [(each.first, each.last, each.index) for each in entries] == [(0, 1, 0), (4, 4, 2), (7, 8, 3)]
    assert entries[2].frame_digests == [frames[3].frame_digest, frames[4].frame_digest]
    assert {each.outcome for each in entries} == {"stored"}
    assert {(each.object_key, each.object_sha256, each.sop_instance_uid) for each in entries} == {
        ("key", "sum", plan.sop_instance_uid)
    }


def test_frames_without_an_object_have_a_reason() -> None:
    (made,) = entries_without_object(exam.STREAM, [((2, 5), "spool_full")], Outcome.MISSING, 9)
    assert (made.first, made.last, made.outcome, made.reason, made.object_key) == (2, 5, "missing", "spool_full", "")


def test_counts_add_up() -> None:
    assert Counts(3, 2, 1, 0, 0) + Counts(4, 1, 1, 2, 1) == Counts(7, 3, 2, 2, 1)


@pytest.mark.parametrize("wrong", [entry(0, 0, "vanished"), entry(3, 2, "stored"), entry(-1, 2, "missing")])
def test_an_entry_that_cannot_be_counted_is_refused(wrong: LedgerEntry) -> None:
    with pytest.raises(Refused):
        StreamLedger().fold(wrong)
