from huizhen.schemas.account import Account, Reasons, summed
from huizhen.schemas.events import LedgerEntry
from huizhen.schemas.reasons import Outcome


def entry(first: int, last: int, outcome: str, reason: str = "") -> LedgerEntry:
    return LedgerEntry("clinic", "exam-1", "probe", first, last, outcome, 1, reason)


def test_reasons_are_counted_without_what_became_better_in_any_order() -> None:
    entries = [
        entry(0, 9, "missing", "unexplained"),
        entry(2, 3, "rejected", "bad_checksum"),
        entry(0, 2, "stored"),
        entry(9, 5, "missing", "spool_full"),
    ]
    for order in (entries, entries[::-1], entries * 2):
        found = Reasons()
        for each in order:
            found.take(each)
        assert found.counts(Outcome.REJECTED) == {"bad_checksum": 1}
        assert found.counts(Outcome.MISSING) == {"unexplained": 6}
        assert summed([found, found], Outcome.MISSING) == {"unexplained": 12}


def test_the_sentence_names_what_there_is() -> None:
    assert Account(5, 5, 0, 0, 0, {}, {}).sentence == "captured 5, stored 5 exact"
    holes = Account(18_000, 17_990, 2, 8, 3, {"frame_size_changed": 2}, {"spool_full": 5, "spool_torn": 3})
    assert holes.sentence == (
        "captured 18,000, stored 17,990 exact, 2 rejected: frame_size_changed, "
        "8 missing: spool_full, spool_torn, 3 kept as filled"
    )
