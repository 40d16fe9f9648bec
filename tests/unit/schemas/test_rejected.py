import pytest

from huizhen.schemas.envelope import Envelope, to_headers
from huizhen.schemas.errors import BadEnvelope, ChecksumMismatch, Refused
from huizhen.schemas.ids import TenantId
from huizhen.schemas.packed import RawHeaders, pack
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.rejected import Kept, Origin, Original, read_rejected, to_rejected
from huizhen.schemas.routing import Record
from huizhen.schemas.topics import ROWS, Topic, name_of
from tests.exam import Exam, moving

ORIGIN = Origin("huizhen.clinic.packets", 3, 4711)
REFUSED = Refused(RejectReason.UNKNOWN_SESSION, "session exam-9 was never announced")
SENT = Exam().frame(3, moving(3)).packets(1)[0]
BATCH_BYTES = 128  # of a record batch and a record beside key, value and headers, in Kafka's format


def test_a_rejection_keeps_bytes_headers_reason_and_place() -> None:
    headers: list[tuple[str, bytes | None]] = [("ce_id", b"x"), ("anything", b"\x00\xff")]
    record = to_rejected(REFUSED, Original(b"the bytes", headers, b"exam-9", ORIGIN), 5)
    assert (record.topic, record.key, record.value) == ("huizhen.clinic.rejected", "exam-9", b"the bytes")
    found = read_rejected(list(record.headers))
    assert (found.reason, found.origin) == (RejectReason.UNKNOWN_SESSION, ORIGIN)
    assert found.original == (("ce_id", b"x"), ("anything", b"\x00\xff"))
    assert "never announced" in found.message


def test_people_read_a_packets_headers_and_the_reason_as_headers() -> None:
    record = to_rejected(ChecksumMismatch("packet 0", "a" * 64, "b" * 64), Original(SENT.value, SENT.headers), 5_000)
    headers = dict(record.headers)
    assert headers["ce_reason"] == b"bad_checksum"
    assert headers["ce_type"] == b"org.huizhen.rejected.v1"
    assert headers["huizhen-error"].startswith(b"packet 0: SHA-256 is bbbb")
    assert {name.removeprefix("orig_"): headers[name] for name in headers if name.startswith("orig_")} == dict(
        SENT.headers
    )


def test_a_record_refused_again_has_the_same_id() -> None:
    ids = {dict(to_rejected(REFUSED, Original(b"", origin=ORIGIN), at).headers)["ce_id"] for at in (5, 6)}
    assert ids == {b"huizhen.clinic.packets/3/4711"}


def test_a_rejection_names_the_institution_of_the_topic_or_of_the_station() -> None:
    by_topic = to_rejected(REFUSED, Original(b"", origin=ORIGIN), 5)
    by_station = to_rejected(REFUSED, Original(b""), 5, TenantId("clinic"))
    nobody = to_rejected(REFUSED, Original(b"", origin=Origin("odd", 0, 0)), 5)
    sources = [dict(each.headers)["ce_source"] for each in (by_topic, by_station, nobody)]
    assert sources == [b"urn:huizhen:clinic", b"urn:huizhen:clinic", b"urn:huizhen:unknown"]
    topics = [each.topic for each in (by_topic, by_station, nobody)]
    assert topics == ["huizhen.clinic.rejected", "huizhen.clinic.rejected", "huizhen.unclaimed"]


def test_a_record_of_an_institutions_topic_stays_with_it_whatever_else_is_said() -> None:
    record = to_rejected(REFUSED, Original(b"", origin=ORIGIN), 5, TenantId("other"))
    assert (record.topic, dict(record.headers)["ce_source"]) == ("huizhen.clinic.rejected", b"urn:huizhen:clinic")


def test_what_a_station_keeps_is_told_by_digest_size_and_place() -> None:
    for place in ("exam-1/probe-3", ""):
        kept = Kept(9, "ab" * 32, place)
        record = to_rejected(REFUSED, Original(b"", kept=kept), 5, TenantId("clinic"))
        assert read_rejected(list(record.headers)).kept == kept
    assert read_rejected(list(to_rejected(REFUSED, Original(b"", origin=ORIGIN), 5).headers)).kept is None


@pytest.mark.parametrize("wrong", [{"ce_keptsha256": b"AB"}, {"ce_keptsize": b"-1"}, {"ce_keptplace": b"\xff"}])
def test_a_notice_that_says_nonsense_of_what_is_kept_is_refused(wrong: dict[str, bytes]) -> None:
    record = to_rejected(REFUSED, Original(b"", kept=Kept(9, "ab" * 32, "")), 5, TenantId("clinic"))
    with pytest.raises(BadEnvelope):
        read_rejected(list((dict(record.headers) | wrong).items()))


def test_a_record_without_key_or_headers_is_kept_too() -> None:
    record = to_rejected(REFUSED, Original(b"", origin=ORIGIN), 5)
    assert record.key == "unknown"
    found = read_rejected(list(record.headers))
    assert (found.original, found.key) == ((), b"")


@pytest.mark.parametrize("key", [b"../x", b"\xff\xfe", b"k" * 100_000])
def test_a_key_that_is_no_session_is_kept_beside(key: bytes) -> None:
    record = to_rejected(REFUSED, Original(b"", key=key, origin=ORIGIN), 5)
    assert record.key == "unknown"
    assert read_rejected(list(record.headers)).key == key


def test_a_frame_refused_at_its_station_stood_on_no_topic() -> None:
    record = to_rejected(ChecksumMismatch("frame 3", "a" * 64, "b" * 64), Original(b"x", key=b"exam-1"), 5)
    found = read_rejected(list(record.headers))
    assert found.is_whole_frame
    assert not read_rejected(list(to_rejected(REFUSED, Original(b"", origin=ORIGIN), 5).headers)).is_whole_frame


def test_no_header_of_a_hostile_original_is_lost_and_its_rejection_stays_readable() -> None:
    headers: list[tuple[str, bytes | None]] = [(f"h{n}", b"v") for n in range(500)]
    headers += [("big", b"v" * (1 << 20)), ("none", None), ("h1", b"twice"), ("new\nline", b"y"), ("ce_type", b"z")]
    record = to_rejected(REFUSED, Original(b"x", headers, b"k", ORIGIN), 5)
    assert read_rejected(list(record.headers)).original == tuple(headers)
    assert len(record.headers) < 20
    assert not any("\n" in name for name, _ in record.headers)


def size(record: Record) -> int:
    return len(record.key) + len(record.value or b"") + len(pack(record.headers)) + BATCH_BYTES


def largest(topic: Topic, headers: RawHeaders, key: bytes) -> Original:
    left = ROWS[topic].record_max - len(pack(headers)) - len(key)
    return Original(b"\0" * left, headers, key, Origin(name_of(topic, TenantId("clinic")), 999, 10**18))


@pytest.mark.parametrize("topic", [Topic.PACKETS, Topic.BACKFILL, Topic.FRAMES])
@pytest.mark.parametrize(
    ("headers", "key"),
    [
        (SENT.headers, b"exam-1"),
        ((), b"k" * 900_000),
        ([("n" * 64, b"v" * 1024)] * 700, b""),
        ([(f"h{n}", b"v" * (19 << 10)) for n in range(48)], b"exam-1"),
        ([("", None)] * 300_000, b"exam-1"),
    ],
)
def test_the_largest_record_of_a_topic_fits_rejected_whole(topic: Topic, headers: RawHeaders, key: bytes) -> None:
    original = largest(topic, headers, key)
    record = to_rejected(Refused(RejectReason.POLICY, "é" * 5000), original, 5)
    assert record.value == original.value
    assert read_rejected(list(record.headers)).original == tuple(headers)
    assert size(record) <= ROWS[Topic.REJECTED].record_max


@pytest.mark.parametrize(
    ("kind", "reason", "says"),
    [("frame.v1", b"policy", "ce_type"), ("rejected.v1", b"because", "reason")],
)
def test_what_is_no_rejection_is_refused(kind: str, reason: bytes, says: str) -> None:
    extra = {"reason": reason, "origtopic": b"-", "origpartition": b"-1", "origoffset": b"-1"}
    with pytest.raises(BadEnvelope, match=says):
        read_rejected(list(to_headers(Envelope(kind, "i", "s", "x", 5, extra))))
