from huizhen.processors.arrival import Arrived
from huizhen.processors.rejects import VALUE_MAX, rejected
from huizhen.schemas.envelope import HEADERS_MAX, from_headers
from huizhen.schemas.errors import BadEnvelope, ChecksumMismatch
from tests.exam import Exam, arrived, moving

SENT = Exam().frame(3, moving(3)).packets(1)[0]


def test_the_bytes_are_kept_with_reason_source_and_headers() -> None:
    record = rejected(arrived(SENT, 77), ChecksumMismatch("packet 0", "a" * 64, "b" * 64), 5_000)
    headers = dict(record.headers)
    assert (record.topic, record.key, record.value) == ("huizhen.rejected", "exam-1", SENT.value)
    assert headers["ce_reason"] == b"bad_checksum"
    assert headers["ce_type"] == b"org.huizhen.rejected.v1"
    assert (headers["ce_origtopic"], headers["ce_origpartition"], headers["ce_origoffset"]) == (
        b"huizhen.clinic.packets",
        b"0",
        b"77",
    )
    assert headers["huizhen-error"].startswith(b"packet 0: SHA-256 is bbbb")
    assert {name.removeprefix("orig_"): headers[name] for name in headers if name.startswith("orig_")} == dict(
        SENT.headers
    )
    assert from_headers(record.headers).type == "rejected.v1"


def test_a_key_that_is_no_session_is_unknown() -> None:
    for key in (b"", b"../x", b"\xff\xfe"):
        record = rejected(Arrived("odd", 0, 0, 0, key, (), b""), BadEnvelope("what"), 0)
        assert record.key == "unknown"
        assert dict(record.headers)["ce_source"] == b"urn:huizhen:unknown"


def test_hostile_headers_are_kept_as_far_as_they_fit() -> None:
    hostile = [(f"h{number}", b"x" * 30_000) for number in range(500)] + [("new\nline", b"y"), ("big", b"z" * 10**6)]
    record = rejected(Arrived("odd", 0, 0, 0, b"k", tuple(hostile), b"v"), BadEnvelope("what"), 0)
    assert len(record.headers) <= HEADERS_MAX
    assert sum(len(value) for _, value in record.headers) < 300_000
    assert not any("\n" in name for name, _ in record.headers)


def test_a_value_near_the_topics_limit_is_cut_and_says_so() -> None:
    record = rejected(Arrived("odd", 0, 0, 0, b"k", (), b"v" * (VALUE_MAX + 5)), BadEnvelope("what"), 0)
    assert record.value is not None
    assert len(record.value) == VALUE_MAX
    assert dict(record.headers)["huizhen-cut"] == str(VALUE_MAX + 5).encode()
