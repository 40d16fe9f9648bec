import pytest

from huizhen.schemas.envelope import Envelope, to_headers
from huizhen.schemas.errors import BadEnvelope, ChecksumMismatch, Refused
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.rejected import Origin, Original, read_rejected, to_rejected

ORIGIN = Origin("huizhen.clinic.packets", 3, 4711)
REFUSED = Refused(RejectReason.UNKNOWN_SESSION, "session exam-9 was never announced")


def test_a_rejection_keeps_bytes_headers_reason_and_place() -> None:
    headers: list[tuple[str, bytes | None]] = [("ce_id", b"x"), ("anything", b"\x00\xff")]
    record = to_rejected(REFUSED, Original(b"the bytes", headers, "exam-9", ORIGIN), 5)
    assert (record.topic, record.key, record.value) == ("huizhen.rejected", "exam-9", b"the bytes")
    found = read_rejected(list(record.headers))
    assert (found.reason, found.origin) == (RejectReason.UNKNOWN_SESSION, ORIGIN)
    assert found.original == (("ce_id", b"x"), ("anything", b"\x00\xff"))
    assert "never announced" in found.message


def test_a_record_without_key_or_headers_is_kept_too() -> None:
    record = to_rejected(REFUSED, Original(b"", origin=ORIGIN), 5)
    assert record.key == "unknown"
    assert read_rejected(list(record.headers)).original == ()


def test_a_frame_refused_at_its_station_stood_on_no_topic() -> None:
    record = to_rejected(ChecksumMismatch("frame 3", "a" * 64, "b" * 64), Original(b"x", key="exam-1"), 5)
    found = read_rejected(list(record.headers))
    assert found.is_whole_frame
    assert not read_rejected(list(to_rejected(REFUSED, Original(b"", origin=ORIGIN), 5).headers)).is_whole_frame


def test_a_hostile_original_cannot_make_its_rejection_unreadable() -> None:
    headers: list[tuple[str, bytes | None]] = [(f"h{n}", b"v") for n in range(500)]
    headers += [("big", b"v" * (1 << 20)), ("none", None), ("h1", b"twice")]
    found = read_rejected(list(to_rejected(REFUSED, Original(b"x", headers, "k", ORIGIN), 5).headers))
    assert dict(found.original)["h1"] == b"v"
    assert len(found.original) == 48


@pytest.mark.parametrize(
    ("kind", "reason", "says"),
    [("frame.v1", b"policy", "ce_type"), ("rejected.v1", b"because", "reason")],
)
def test_what_is_no_rejection_is_refused(kind: str, reason: bytes, says: str) -> None:
    extra = {"reason": reason, "origtopic": b"-", "origpartition": b"-1", "origoffset": b"-1"}
    with pytest.raises(BadEnvelope, match=says):
        read_rejected(list(to_headers(Envelope(kind, "i", "s", "x", 5, extra))))
