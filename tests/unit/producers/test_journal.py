"""The journal's records, and damage at every byte of the last three."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huizhen.producers.journal import (
    MAGIC,
    PAYLOAD_MAX,
    Entry,
    Kind,
    is_whole,
    read_record,
    roll,
    scan,
    write_record,
)

DIGEST = st.binary(min_size=32, max_size=32)
NUMBER = st.integers(0, (1 << 63) - 1)


def frame(number: int, payload: bytes) -> bytes:
    digest = hashlib.sha256(payload).digest()
    return write_record(Entry(Kind.FRAME, "probe", number, 1, 10 + number, 20 + number, digest, digest), payload)


PAYLOADS = [b"first frame", MAGIC + b"looks like a head", b"\1" * 40, b"", b"the last one"]
SEGMENT = b"".join(frame(number, payload) for number, payload in enumerate(PAYLOADS))
STARTS = [record.offset for record in scan(SEGMENT).records]


def numbers(data: bytes) -> list[int]:
    return [record.entry.number for record in scan(data).records]


ENTRIES = st.builds(
    Entry, st.sampled_from(Kind), st.from_regex(r"[a-z]{0,48}", fullmatch=True), NUMBER, st.just(7), NUMBER, NUMBER,
    DIGEST, DIGEST,
)  # fmt: skip


@given(ENTRIES, st.binary())
def test_a_record_reads_back_as_written(entry: Entry, payload: bytes) -> None:
    data = write_record(entry, payload)
    record = read_record(data)
    assert record is not None
    assert record.entry == entry
    assert data[record.payload : record.end] == payload
    assert record.payload_bytes == len(payload)
    assert is_whole(data, record)
    assert record.end == len(data)


def test_a_whole_segment_has_no_damage() -> None:
    found = scan(memoryview(SEGMENT))
    assert [record.entry.number for record in found.records] == [0, 1, 2, 3, 4]
    assert found.damaged == ()
    assert found.end == len(SEGMENT)


def test_a_tail_cut_at_any_byte_of_the_last_three_records_keeps_every_whole_record() -> None:
    for cut in range(STARTS[2], len(SEGMENT)):
        found = scan(SEGMENT[:cut])
        whole = [start for start in [*STARTS[1:], len(SEGMENT)] if start <= cut]
        assert [record.entry.number for record in found.records] == list(range(len(whole)))
        assert found.end == whole[-1]
        assert found.damaged == (((whole[-1], cut),) if cut > whole[-1] else ())


def test_a_tail_zeroed_from_any_byte_of_the_last_three_records_keeps_every_whole_record() -> None:
    for cut in range(STARTS[2], len(SEGMENT)):
        found = scan(SEGMENT[:cut] + bytes(len(SEGMENT) - cut) + bytes(4096))
        intact = [number for number in numbers(SEGMENT) if [*STARTS, len(SEGMENT)][number + 1] <= cut]
        kept = [record.entry.number for record in found.records]
        assert kept[: len(intact)] == intact
        assert kept == intact


def test_one_wrong_byte_anywhere_in_the_last_three_records_costs_one_record_at_most() -> None:
    for at in range(STARTS[2], len(SEGMENT)):
        hurt = bytearray(SEGMENT)
        hurt[at] ^= 0x41
        lost = max(number for number, start in enumerate(STARTS) if start <= at)
        assert numbers(bytes(hurt)) == [number for number in range(5) if number != lost]
        assert scan(bytes(hurt)).damaged == ((STARTS[lost], [*STARTS, len(SEGMENT)][lost + 1]),)


def test_blocks_of_zeros_in_the_middle_do_not_hide_what_follows() -> None:
    hurt = SEGMENT[: STARTS[1]] + bytes(STARTS[3] - STARTS[1]) + SEGMENT[STARTS[3] :]
    assert numbers(hurt) == [0, 3, 4]


@given(st.binary(max_size=300))
def test_any_bytes_before_a_record_are_damage_and_nothing_else(junk: bytes) -> None:
    found = scan(junk + frame(9, b"x"))
    assert [record.entry.number for record in found.records] == [9]
    assert found.damaged == (((0, len(junk)),) if junk else ())


def test_damage_longer_than_a_search_step_is_passed() -> None:
    assert numbers(bytes((1 << 16) + 5) + SEGMENT) == [0, 1, 2, 3, 4]
    assert numbers(bytes((1 << 16) - 2) + SEGMENT) == [0, 1, 2, 3, 4]


def test_a_declared_length_beyond_the_file_is_no_record() -> None:
    assert read_record(SEGMENT[:-1], STARTS[4]) is None
    assert read_record(SEGMENT, len(SEGMENT)) is None


def test_an_unknown_kind_is_no_record() -> None:
    hurt = write_record(Entry(9, "probe"), b"x")  # type: ignore[arg-type]  # a later version's kind
    assert read_record(hurt) is None


def test_what_no_record_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="PAYLOAD_MAX"):
        write_record(Entry(Kind.NOTE), bytes(PAYLOAD_MAX + 1))
    with pytest.raises(ValueError, match="short digest"):
        Entry(Kind.FRAME, "probe", frame_digest=b"")


def test_the_rolling_digest_is_the_one_of_the_contract() -> None:
    first = hashlib.sha256(bytes(32) + bytes(8) + b"\1" * 32).digest()
    assert roll(bytes(32), 0, b"\1" * 32) == first
    assert roll(first, 258, b"\2" * 32) == hashlib.sha256(first + b"\0\0\0\0\0\0\1\2" + b"\2" * 32).digest()


def test_the_format_is_the_one_of_the_first_release() -> None:
    data = write_record(Entry(Kind.FRAME, "probe", 258, 3, 4, 5, b"\1" * 32, b"\2" * 32), b"payload")
    assert hashlib.sha256(data).hexdigest() == GOLDEN


GOLDEN = "c3be539d5dc6f82ad29a8a3cbfb47724577b4c4b3b815a540b354b6f02b71496"
