from huizhen.processors.acks import Hold
from huizhen.processors.emission import is_final, refusal_records, refused_record
from huizhen.processors.step import Refusal
from huizhen.schemas.errors import BadInput, ChecksumMismatch, Refused, TooLarge
from huizhen.schemas.events import FrameVerdict
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.rejected import read_rejected
from huizhen.schemas.routing import read_event
from tests.exam import Exam, arrived, moving

FRAME = Exam().frame(3, moving(3))
RECORD = arrived(FRAME.packets(1)[0])


def refusal(error: BadInput, with_head: bool = True) -> Refusal:
    return Refusal(RECORD, error, Hold(owed=1), FRAME.head if with_head else None)


def test_a_refused_packet_leaves_its_bytes_and_no_verdict() -> None:
    records = refusal_records(refusal(ChecksumMismatch("packet 0", "a", "b")), 5)
    assert [one.topic for one in records] == ["huizhen.clinic.rejected"]


def test_content_that_is_refused_for_good_has_a_verdict_too() -> None:
    records = refusal_records(refusal(Refused(RejectReason.FRAME_SIZE_CHANGED, "other size")), 5)
    assert [one.topic for one in records] == ["huizhen.clinic.rejected", "huizhen.verdicts"]
    verdict = read_event([*records[1].headers], records[1].value)
    assert isinstance(verdict, FrameVerdict)
    assert (verdict.number, verdict.verdict, verdict.reasons) == (3, "rejected", ["frame_size_changed"])


def test_without_readable_headers_there_is_no_verdict() -> None:
    records = refusal_records(refusal(Refused(RejectReason.FRAME_SIZE_CHANGED, "other size"), with_head=False), 5)
    assert [one.topic for one in records] == ["huizhen.clinic.rejected"]


def test_integrity_of_a_packet_is_not_final_and_identity_geometry_and_size_are() -> None:
    assert not is_final(ChecksumMismatch("packet 0", "a", "b"))
    assert not is_final(Refused(RejectReason.LATE_BEYOND_WINDOW, "late"))
    assert not is_final(Refused(RejectReason.UNKNOWN_SESSION, "nobody"))
    for reason in (RejectReason.BAD_IDENTITY, RejectReason.CODING_CHANGED, RejectReason.FRAME_SIZE_CHANGED):
        assert is_final(Refused(reason, "what"))
    assert is_final(TooLarge("frame", 2, 1, "STREAM_MAX"))


def test_a_refused_record_is_kept_whole_with_its_place_and_headers() -> None:
    record = refused_record(RECORD, ChecksumMismatch("packet 0", "a" * 64, "b" * 64), 5)
    found = read_rejected(record.headers)
    assert (record.key, record.value) == ("exam-1", RECORD.value)
    assert (found.origin.topic, found.origin.partition, found.origin.offset) == (
        RECORD.topic, RECORD.partition, RECORD.offset,
    )  # fmt: skip
    assert found.original == RECORD.headers
