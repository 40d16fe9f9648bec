"""Records that no client library would write: a batch's bytes are changed and sent as they are."""

import asyncio
import struct

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

CRC_AT, CRC_FROM = 17, 21  # in a batch of message format 2
Header = tuple[str, bytes | None]


def poisoned(batch: bytes, old: bytes, new: bytes) -> bytes:
    """Replace bytes of a batch by as many others, and make its checksum right again."""
    assert old in batch
    assert len(old) == len(new)
    changed = bytearray(batch.replace(old, new))
    struct.pack_into(">I", changed, CRC_AT, calc_crc32c(bytes(changed[CRC_FROM:])))
    return bytes(changed)


def send_poisoned(
    bootstrap: str, topic: str, records: list[tuple[bytes | None, bytes | None, list[Header]]], old: bytes, new: bytes
) -> None:
    """Send records in one batch to partition 0 of a topic, with `old` in it replaced by `new`."""

    async def send() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
        await producer.start()
        try:
            batch = producer.create_batch()
            for key, value, headers in records:
                assert batch.append(key=key, value=value, timestamp=None, headers=headers) is not None
            batch.close()
            if old:
                batch._buffer = bytearray(poisoned(bytes(batch._build()), old, new))
            await (await producer.send_batch(batch, topic, partition=0))
        finally:
            await producer.stop()

    asyncio.run(send())
