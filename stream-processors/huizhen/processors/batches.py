"""Record batches of a fetch, so read that no record can stop the worker.

aiokafka raises on a header name that is no UTF-8, loses the records before it and meets the same one again for ever.
Any station may write such a record. Here the batch is read once more by hand: a name keeps its bytes as surrogates, so
that the record is refused and dead-lettered like any other (message format 2: kafka.apache.org, Message Format).
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import structlog
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBase
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint as aiokafka_varint

from huizhen.schemas.errors import BadEnvelope
from huizhen.schemas.packed import unpack

log = structlog.get_logger()
HEADER_BYTES = DefaultRecordBase.HEADER_STRUCT.size
SIZE_AT, OVERHEAD, MAGIC_AT, MAGIC = 8, 12, 16, 2
ATTRIBUTES_BYTES = 1
NULL = -1
decode_varint = cast(Callable[[bytes, int], tuple[int, int]], aiokafka_varint)  # its hint names bytearray alone
UNREADABLE = (CorruptRecordException, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Read:
    """A record, as aiokafka's fetcher wants one."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    checksum: None = None


class Batches:
    """The batches of a fetch; stands in for aiokafka's `MemoryRecords`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def size_in_bytes(self) -> int:
        """Bytes of all of it, a batch that is cut off at its end too."""
        return len(self._data)

    def has_next(self) -> bool:
        """Say whether a whole batch follows."""
        return self._end <= len(self._data)

    def next_batch(self) -> Any:
        """Give the next batch; None at the end."""
        if not self.has_next():
            return None
        raw, self._at = self._data[self._at : self._end], self._end
        batch: Any = MemoryRecords(raw).next_batch()
        return Batch(raw, batch) if raw[MAGIC_AT] == MAGIC else batch

    @property
    def _end(self) -> int:
        if self._at + OVERHEAD > len(self._data):
            return len(self._data) + 1
        (size,) = struct.unpack_from(">i", self._data, self._at + SIZE_AT)
        return self._at + OVERHEAD + int(size)


class Batch:
    """A batch of message format 2: as aiokafka reads it, and by hand where it cannot."""

    def __init__(self, raw: bytes, batch: Any) -> None:
        self._raw = raw
        self._batch = batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:  # of a control batch
        return next(iter(self._batch))

    def __iter__(self) -> Iterator[Any]:
        done = 0
        try:
            for record in self._batch:
                yield record
                done += 1
        except UNREADABLE as error:
            if self._batch.compression_type:  # topics are uncompressed: the broker unpacks what a station sends
                raise
            log.warning("record_unreadable", offset=self._batch.base_offset + done, error=type(error).__name__)
            yield from self._by_hand(done)

    def _by_hand(self, skip: int) -> Iterator[Read]:
        at = HEADER_BYTES
        for number in range(self._count):
            try:
                size, at = decode_varint(self._raw, at)
            except (IndexError, ValueError):  # the broker checks lengths: nobody has seen this
                log.error("records_skipped", first=self._batch.base_offset + number, end=self._batch.next_offset)
                return
            if number >= skip:
                yield self._read(self._raw[at : at + size], number)
            at += size

    @property
    def _count(self) -> int:
        return int(DefaultRecordBase.HEADER_STRUCT.unpack_from(self._raw)[-1])

    def _read(self, data: bytes, number: int) -> Read:
        """Read a record; one that holds nonsense is given whole as a value without headers, to be refused."""
        batch = self._batch
        try:
            ts_delta, at = decode_varint(data, ATTRIBUTES_BYTES)
            offset_delta, at = decode_varint(data, at)
            key, at = _piece(data, at)
            value, at = _piece(data, at)
            _, at = decode_varint(data, at)  # how many headers: they fill the rest
            headers = unpack(data[at:])
        except (IndexError, ValueError, BadEnvelope):
            return Read(batch.base_offset + number, batch.first_timestamp, batch.timestamp_type, None, data, [])
        stamp = batch.max_timestamp if batch.timestamp_type else batch.first_timestamp + ts_delta
        return Read(batch.base_offset + offset_delta, stamp, batch.timestamp_type, key, value, headers)


def _piece(data: bytes, at: int) -> tuple[bytes | None, int]:
    size, at = decode_varint(data, at)
    return (None, at) if size == NULL else (data[at : at + size], at + size)
