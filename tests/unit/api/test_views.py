"""What is said of sessions."""

from dataclasses import replace

from huizhen.api.session import Session
from huizhen.api.views import session_view
from huizhen.schemas.events import LedgerEntry
from tests.services.fake_station import FakeStation

STATION = FakeStation("clinic")


def folded() -> Session:
    session = Session("clinic", "exam-1")
    for event in (STATION.announced(1_800_000_000_000_000_000), STATION.geometry(), STATION.verdict(4, filled=1)):
        session.take(event)
    return session


def test_a_session_is_told_without_identity() -> None:
    text = session_view(folded(), 0).model_dump_json()
    assert "CANARY" not in text
    assert "Canary" not in text
    assert STATION.announced().study_instance_uid not in text


def test_ages_latencies_and_times_are_told() -> None:
    view = session_view(folded(), 5_250_000_000)
    source = view.sources[0]
    assert view.announced_at == "2027-01-15T08:00:00+00:00"
    assert source.last_frame is not None
    assert (source.last_frame.number, source.last_frame.age_ms) == (4, 250.0)
    assert source.last_frame.captured_at_cloud_ns == "5000000000"
    assert (source.latency_ms.p50, source.counts.filled, source.lossy_image_compression) == (5.0, 1, "01")
    assert source.geometry is not None
    assert (source.geometry.columns, source.geometry.tile) == (320, 128)


def test_a_source_whose_profile_blanks_nothing_is_told_to_be_unmasked() -> None:
    def is_unmasked(profile_id: str) -> bool:
        session, event = Session("clinic", "exam-1"), STATION.announced()
        session.take(replace(event, sources=[replace(event.sources[0], profile_id=profile_id)]))
        return session_view(session, 0).sources[0].unmasked

    assert (is_unmasked("generic"), is_unmasked("us-640x480")) == (True, False)


def test_a_sealed_session_tells_the_archives_account() -> None:
    session = folded()
    session.take(STATION.sealed(5))
    session.take(STATION.report(5))
    report = session_view(session, 0).report
    assert report is not None
    assert (report.captured, report.stored, report.missing) == (5, 5, 0)


def test_the_account_says_in_a_sentence_what_became_of_the_frames_and_why() -> None:
    session = folded()
    session.take(STATION.sealed(5))
    for first, last, outcome, reason in ((0, 2, "stored", ""), (3, 4, "rejected", "frame_size_changed")):
        session.take(LedgerEntry("clinic", "exam-1", "probe", first, last, outcome, 1, reason))
    before = session_view(session, 0).account
    assert before.sentence == "captured 5, stored 3 exact, 2 rejected: frame_size_changed"
    assert (before.is_final, before.rejected_reasons, before.missing_reasons) == (False, {"frame_size_changed": 2}, {})
    session.take(LedgerEntry("clinic", "exam-1", "probe", 3, 3, "stored", 2))
    session.take(replace(STATION.report(5), stored=4, rejected=1))
    after = session_view(session, 0).account
    assert after.sentence == "captured 5, stored 4 exact, 1 rejected: frame_size_changed"
    assert (after.is_final, after.stored, after.rejected_reasons) == (True, 4, {"frame_size_changed": 1})
