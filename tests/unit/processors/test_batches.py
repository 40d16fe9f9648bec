"""Record batches are read whatever their headers are named."""

from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from huizhen.processors import transport
from huizhen.processors.batches import Batches
from huizhen.schemas.envelope import from_headers
from huizhen.schemas.errors import BadEnvelope
from tests.services.raw_batch import poisoned

HEADERS = [("ce_id", b"x"), ("NAME", b"v"), ("null", None)]


def batch(count: int = 3, timestamps: tuple[int, ...] = (1000, 1005, 999)) -> bytes:
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 1 << 20)
    for number in range(count):
        headers = HEADERS if number == 1 else [("ce_id", b"x")]
        builder.append(number, timestamps[number], b"key", b"value %d" % number, headers)
    return bytes(builder.build())


def read(data: bytes) -> list[Any]:
    found, batches = [], Batches(data)
    while batches.has_next():
        found += list(batches.next_batch())
    return found


def plain(record: Any) -> tuple[Any, ...]:
    return record.offset, record.timestamp, record.timestamp_type, record.key, record.value, list(record.headers)


def test_what_aiokafka_reads_is_read_alike() -> None:
    data = batch()
    own = MemoryRecords(data).next_batch()
    assert own is not None
    assert [plain(record) for record in read(data)] == [plain(record) for record in own]


def test_a_name_that_is_no_text_keeps_its_bytes_and_the_others_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    found = read(poisoned(batch(), b"NAME", b"\xff\xfe\xfdE") * 2)
    assert [plain(record) for record in found[:3]] == [
        (0, 1000, 0, b"key", b"value 0", [("ce_id", b"x")]),
        (1, 1005, 0, b"key", b"value 1", [("ce_id", b"x"), ("\udcff\udcfe\udcfdE", b"v"), ("null", None)]),
        (2, 999, 0, b"key", b"value 2", [("ce_id", b"x")]),
    ]
    assert len(found) == 6


def test_a_record_of_nonsense_is_given_whole_to_be_refused() -> None:
    data = batch()
    at = data.index(b"NAME") - 1
    found = read(data[:at] + bytes([0x7F]) + data[at + 1 :])  # a name longer than the record
    assert [record.value for record in (found[0], found[2])] == [b"value 0", b"value 2"]
    assert (found[1].offset, found[1].headers) == (1, [])
    assert b"value 1" in found[1].value


def test_a_batch_keeps_what_the_fetcher_asks_of_it() -> None:
    made = Batches(batch()).next_batch()
    assert made.validate_crc()
    assert (made.next_offset, made.is_control_batch, made.is_transactional) == (3, False, False)


def test_a_batch_that_is_cut_off_is_left_for_the_next_fetch() -> None:
    data = batch()
    batches = Batches(data + data[:-1])
    assert [record.offset for record in batches.next_batch()] == [0, 1, 2]
    assert (batches.has_next(), batches.next_batch(), batches.size_in_bytes()) == (False, None, 2 * len(data) - 1)
    assert not Batches(data[:5]).has_next()


def test_the_fetcher_of_the_workers_reads_by_it() -> None:
    assert vars(fetcher)["MemoryRecords"] is vars(transport)["Batches"]


def test_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadEnvelope, match="no UTF-8"):
        from_headers([("ce_specversion", b"1.0"), ("\udcff", b"v")])
