import pytest
from hypothesis import given
from hypothesis import strategies as st

from huizhen.schemas.errors import BadEnvelope
from huizhen.schemas.packed import pack, unpack

HEADER = st.tuples(st.text(), st.none() | st.binary(max_size=300))


@given(st.lists(HEADER))
def test_headers_come_back_as_they_were(headers: list[tuple[str, bytes | None]]) -> None:
    assert unpack(pack(headers)) == headers


@given(st.binary())
def test_any_bytes_are_headers_or_are_refused(data: bytes) -> None:
    try:
        found = unpack(data)
    except BadEnvelope:
        return
    assert len(pack(found)) <= len(data)


def test_headers_take_no_more_room_than_in_a_record_of_kafka() -> None:
    assert pack([("a", b"bc"), ("", None)]) == b"\x02a\x04bc\x00\x01"
    assert len(pack([("a" * 64, b"b" * 64)])) == 2 + 64 + 2 + 64


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff\xff\x01", b"\x80", b"\x04a", b"\x01\x00", b"\x02a\x7f", b"\x02a"])
def test_a_length_that_cannot_be_is_refused(data: bytes) -> None:
    with pytest.raises(BadEnvelope):
        unpack(data)
