"""The checker finds each planted fault; a checker that has never failed proves nothing."""

from dataclasses import replace

import pytest

from huizhen.cli.ledger_check.acts import Act
from huizhen.cli.ledger_check.history import Captured, Held, Refusal, Session
from huizhen.cli.ledger_check.judge import NAMES, Given, judge
from huizhen.schemas.decision import Choice
from huizhen.schemas.events import LedgerEntry, SealReport
from huizhen.schemas.ranges import Ranges
from huizhen.schemas.reasons import RejectReason

FRAMES = 6
KEY = "clinic/exam-1/probe/exact/0-5.dcm"


def digest(number: int, what: str = "f") -> str:
    return f"{what}{number}"


def held(number: int, **more: str) -> Held:
    base = Held(
        KEY, "clinic", "exam-1", "clinic", "exam-1", "probe", number, digest(number), digest(number, "p")
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def entry(first: int, last: int, outcome: str = "stored", reason: str = "") -> LedgerEntry:
    digests = [digest(number) for number in range(first, last + 1)] if outcome == "stored" else []
    key = KEY if outcome == "stored" else ""
    return LedgerEntry(
        "clinic", "exam-1", "probe", first, last, outcome, 1, reason, object_key=key, frame_digests=digests
    )


def report(stored: int = FRAMES, rejected: int = 0, missing: int = 0) -> SealReport:
    return SealReport("clinic", "exam-1", 1, "producer", stored + rejected + missing, stored, rejected, missing, 0)


@pytest.fixture
def session() -> Session:
    made = Session("clinic", "exam-1", reports=[report()], lag=0, viewers={"v": [("probe", 0), ("probe", 4)]})
    probe = made.source("probe")
    probe.has_journal, probe.sealed_frames = True, FRAMES
    probe.captured = {number: Captured(digest(number), digest(number, "p")) for number in range(FRAMES)}
    probe.held = [held(number) for number in range(FRAMES)]
    probe.entries = [entry(0, FRAMES - 1)]
    probe.acknowledged = Ranges([(0, FRAMES - 1)])
    return made


def found(session: Session) -> dict[str, list[str]]:
    verdict = judge([session])
    return {name: said for name in NAMES if (said := [f.what for f in verdict.findings if f.check == name])}


def test_a_whole_session_has_no_finding(session: Session) -> None:
    verdict = judge([session])
    counts = verdict.sessions, verdict.captured, verdict.stored, verdict.rejected, verdict.missing
    assert (verdict.findings, list(verdict.not_judged), counts) == ((), ["L9"], (1, FRAMES, FRAMES, 0, 0))


def test_a_lost_frame_is_found(session: Session) -> None:
    del session.sources["probe"].held[3]
    assert found(session) == {"L1": ["frames 3 are stored by the ledger and in no object"]}


def test_a_frame_lost_in_the_ledger_too_is_found(session: Session) -> None:
    probe = session.sources["probe"]
    del probe.held[3]
    probe.entries = [entry(0, 2), entry(4, 5)]
    assert found(session) == {
        "L1": ["frames 3 are in no entry of the ledger"],
        "L5": ["frames 3 stood whole on a topic and are not kept"],
    }


def test_swapped_frames_are_found(session: Session) -> None:
    probe = session.sources["probe"]
    probe.held[1] = held(1, frame_digest=digest(2), pixel_digest=digest(2, "p"))
    probe.held[2] = held(2, frame_digest=digest(1), pixel_digest=digest(1, "p"))
    assert found(session)["L2"] == [
        "frames 1 to 2: the codestream is not the journal's",
        "frames 1 to 2: the pixels are not the journal's",
        "frames 1 to 2: the codestream is not the ledger's",
    ]


def test_a_corrupted_frame_is_found_even_where_the_ledger_agrees_with_it(session: Session) -> None:
    probe = session.sources["probe"]
    probe.held[4] = held(4, frame_digest="bad")
    probe.entries = [replace(probe.entries[0], frame_digests=["f0", "f1", "f2", "f3", "bad", "f5"])]
    assert found(session) == {"L2": ["frames 4: the codestream is not the journal's"]}
    session.unreadable = [KEY]
    assert f"object {KEY} is not the bytes its key names, or no instance" in found(session)["L2"]


def test_a_doubled_frame_is_found(session: Session) -> None:
    session.sources["probe"].held.append(held(2, key="clinic/exam-1/probe/supplement/2-2.dcm"))
    assert found(session) == {"L6": ["frames 2 are stored more than once"]}


def test_a_frame_of_another_institution_is_found(session: Session) -> None:
    session.sources["probe"].held[5] = held(5, tenant="other")
    assert found(session) == {"L3": [f"frame 5 in {KEY} says other/exam-1: of another"]}


def test_a_frame_that_nobody_captured_is_found(session: Session) -> None:
    probe = session.sources["probe"]
    probe.held.append(held(9))
    probe.entries.append(entry(9, 9))
    assert found(session) == {"L1": ["frames 9 were never captured"], "L3": [f"frame 9 in {KEY} was never journalled"]}


@pytest.mark.parametrize("reason", ["unexplained", "", "lost on the way"])
def test_a_frame_missing_for_no_reason_is_found(session: Session, reason: str) -> None:
    probe = session.sources["probe"]
    probe.held.pop()
    probe.acknowledged.discard(5)
    probe.entries = [entry(0, 4), entry(5, 5, "missing", reason)]
    session.reports = [report(5, 0, 1)]
    assert found(session) == {"L4": [f"frames 5 to 5 are missing: {reason or 'no reason'}"]}


def test_dropped_and_rejected_frames_with_their_reasons_are_in_order(session: Session) -> None:
    probe = session.sources["probe"]
    del probe.held[4:], probe.captured[5]
    probe.acknowledged = Ranges([(0, 4)])
    probe.dropped = Ranges([(5, 5)])
    probe.refused = [Refusal("probe", 4, RejectReason.FRAME_SIZE_CHANGED, "clinic")]
    probe.entries = [entry(0, 3), entry(4, 4, "rejected", "frame_size_changed"), entry(5, 5, "missing", "spool_full")]
    session.reports = [report(4, 1, 1)]
    verdict = judge([session])
    assert (verdict.findings, verdict.stored, verdict.rejected, verdict.missing) == ((), 4, 1, 1)


def test_what_a_superseded_producer_sent_beyond_the_end_is_refused_and_not_lost(session: Session) -> None:
    probe = session.sources["probe"]
    probe.acknowledged = Ranges([(0, FRAMES)])
    assert found(session) == {"L5": ["frames 6 stood whole on a topic and are not kept"]}
    probe.refused = [Refusal("probe", number, RejectReason.STALE_EPOCH, "clinic") for number in (3, FRAMES)]
    assert found(session) == {}
    probe.held = [each for each in probe.held if each.number != 3]
    probe.entries = [entry(0, 2), entry(4, 5)]
    assert "frames 3 stood whole on a topic and are not kept" in found(session)["L5"], "it is within the session"


def test_a_report_that_does_not_add_up_is_found(session: Session) -> None:
    session.reports = [report(5)]
    assert found(session)["L1"] == [
        "the report says 5 captured, 5 stored, 0 rejected, 0 missing; 6 frames were numbered"
    ]


def test_a_viewer_that_goes_back_is_found(session: Session) -> None:
    session.viewers = {"v": [("probe", 3), ("probe", 2), ("screen", 1)]}
    assert found(session) == {"L7": ["viewer v saw frame 2 after 3"]}


def test_a_session_that_does_not_settle_is_found(session: Session) -> None:
    session.reports, session.lag = [], 7
    assert found(session) == {
        "L8": [
            "it has no report yet: it is not sealed, or its ledger is not closed",
            "7 records are not confirmed yet",
        ]
    }


def test_a_replayed_refusal_must_end_as_stored(session: Session) -> None:
    probe = session.sources["probe"]
    probe.refused = [Refusal("probe", 2, RejectReason.UNKNOWN_GEOMETRY, "clinic", decided=Choice.REPLAY)]
    assert found(session) == {}
    del probe.held[2]
    probe.entries = [entry(0, 1), entry(2, 2, "rejected", "unknown_geometry"), entry(3, 5)]
    session.reports = [report(5, 1)]
    assert found(session) == {"L10": ["frames 2 were replayed from rejected and are not stored"]}


def test_what_could_not_be_judged_is_said(session: Session) -> None:
    session.sources["probe"].has_journal = False
    session.viewers, session.lag = {}, None
    verdict = judge([session])
    assert sorted(verdict.not_judged) == ["L3", "L7", "L8", "L9"]
    assert [verdict.standing(name) for name in ("L1", "L7")] == ["ok", "not judged"]


def test_what_came_to_something_else_after_a_replay_is_found(session: Session) -> None:
    before = judge([session]).prints
    assert judge([session], Given(before=before)).findings == ()
    session.sources["probe"].entries *= 2
    assert judge([session], Given(before=before)).findings == (), "the ledger may say a thing twice"
    session.sources["probe"].held[3] = held(3, key="clinic/exam-1/probe/supplement/3-3.dcm")
    (finding,) = judge([session], Given(before=before)).findings
    assert (finding.check, finding.session) == ("L6", "clinic/exam-1")
    assert [each.check for each in judge([], Given(before=before)).findings] == ["L6"], "gone"


def test_each_act_has_one_audit_record_and_no_record_is_without_an_act(session: Session) -> None:
    view, denial = Act("s-1", "/v1/sessions/{session}", "GET", "exam-1"), Act("s-2", "/v1/queue", "GET", outcome=8)
    verdict = judge([session], Given(acts=[view, view, denial], audit=[view, view, denial]))
    assert (verdict.findings, verdict.standing("L9")) == ((), "ok")
    verdict = judge([session], Given(acts=[view, view], audit=[view, denial]))
    assert [each.what for each in verdict.findings] == [
        "1 times no audit record: GET /v1/sessions/{session} of exam-1 by s-1, outcome 0",
        "1 audit records without an act: GET /v1/queue by s-2, outcome 8",
    ]


def test_refused_records_are_counted_by_what_was_decided(session: Session) -> None:
    session.sources["probe"].refused = [
        Refusal("probe", 2, RejectReason.BAD_CHECKSUM, "clinic", decided=decided)
        for decided in (None, Choice.REPLAY, Choice.DISCARD, Choice.DISCARD)
    ]
    assert judge([session]).refusals == {"waiting": 1, "replayed": 1, "discarded": 2}
