"""The Faust transport `huizhen://`: the aiokafka driver with a short fetch wait, bounded in bytes, live records first.

As shipped, the driver waits 1,500 ms per fetch, aiokafka keeps one fetch in flight per broker, and a partition whose
records wait in a full buffer is left out of it: 1.36 s at the median where 6 ms are possible. Buffers are never full
here, so that 100 ms are as fast as 5 and cost a twentieth at rest (docs/topics/processors.md). What aiokafka cannot
read is read by hand (`batches.py`). Registered by the entry point group `faust.transports`.
"""

import ssl
import time
from dataclasses import dataclass
from typing import Any, cast

import aiokafka
import faust
from aiokafka.consumer import fetcher
from faust import SASLCredentials, SSLCredentials
from faust.exceptions import ConsumerNotStarted
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from huizhen.processors.batches import Batches
from huizhen.processors.inflow import Inflow
from huizhen.processors.throughput import Throughput
from huizhen.schemas.settings import KafkaSettings

FETCH_MAX_BYTES = 16 << 20  # of one response; a broker gives one record whatever its size
ROOM_WAIT_S = 0.002  # between looks at the buffers while they are full
BACKFILL_WAIT_S = 0.02  # a backfill record waits: live ones are waited for this long before looking again

# aiokafka has no other place for it, and one bad header name would stop the worker
cast(Any, fetcher).MemoryRecords = Batches
UNKNOWN_END = 1 << 63  # above every offset: never read to its end


@dataclass(frozen=True, slots=True)
class Fetching:
    """How long the broker may hold a fetch, and what ends that earlier."""

    wait_ms: int
    min_bytes: int


CALM = Fetching(100, 1)  # of an idle worker; aiokafka leaves out a partition until its records are taken, at once here
BUSY = Fetching(16, 1 << 20)  # sixteen milliseconds of records share a fetch: at eight streams four do


class App(faust.App):  # type: ignore[misc] # Faust's types are not followed
    """Faust's app, which knows how much was fetched."""

    inflow: Inflow
    throughput: Throughput


class ConsumerThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc] # as above
    """Faust's consumer thread with a short fetch wait."""

    fetching = CALM

    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = CALM.wait_ms
        consumer._fetch_min_bytes = CALM.min_bytes
        consumer._fetch_max_bytes = FETCH_MAX_BYTES
        return consumer

    def fetch_as(self, fetching: Fetching) -> None:
        """Let the next fetches wait otherwise; called on the loop of the application, read on that of the fetcher."""
        fetcher = self._consumer and self._consumer._fetcher
        if fetcher and fetching is not self.fetching:
            fetcher._fetch_max_wait_ms, fetcher._fetch_min_bytes = fetching.wait_ms, fetching.min_bytes
            self.fetching = fetching


class Consumer(driver.Consumer):  # type: ignore[misc] # as above
    """Faust's consumer, fetching only while there is room, live topics first."""

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _getmany(
        self,
        active_partitions: set[TP] | None,
        timeout: float,  # noqa: ASYNC109 - the signature is Faust's
    ) -> Any:
        app = cast(App, self.app)
        inflow = app.inflow
        cast(ConsumerThread, self._thread).fetch_as(BUSY if app.throughput.look(time.monotonic()) else CALM)
        if not active_partitions or not inflow.has_room:
            await self.sleep(ROOM_WAIT_S)
            return {}
        live = {tp for tp in active_partitions if tp.topic not in inflow.backfill_topics}
        if live and live != active_partitions:
            if inflow.backfill.records:
                return await super()._getmany(live, min(timeout, BACKFILL_WAIT_S))
            records = await super()._getmany(live, 0.0)
            if records:
                return records
        return await super()._getmany(active_partitions, timeout)

    def _to_message(self, tp: TP, record: Any) -> Any:
        app, size = cast(App, self.app), len(record.value or b"")
        app.inflow.fetched(record.topic, size)
        app.throughput.arrived(size)
        return super()._to_message(tp, record)


class Transport(driver.Transport):  # type: ignore[misc] # as above
    """What `huizhen://host:port` in Faust's `broker` setting stands for."""

    Consumer = Consumer
    driver_version = f"huizhen on {driver.Transport.driver_version}"


def end_of(app: App, topic: str, partition: int) -> int:
    """Give the offset after a partition's newest record, as the last fetch said; UNKNOWN_END without one."""
    try:
        end: int | None = app.consumer.highwater(TP(topic, partition))
    except (AssertionError, ConsumerNotStarted):  # aiokafka asserts that the partition is ours: it was just taken away
        end = None
    return UNKNOWN_END if end is None else end


def credentials(kafka: KafkaSettings) -> SASLCredentials | SSLCredentials | None:
    """Give Faust's credentials for the brokers: TLS, SASL, both or none."""
    context = _ssl_context(kafka) if kafka.security_protocol.endswith("SSL") else None
    if kafka.security_protocol.startswith("SASL"):
        return SASLCredentials(
            username=kafka.sasl_username,
            password=kafka.sasl_password.get_secret_value(),
            ssl_context=context,
            mechanism=kafka.sasl_mechanism,
        )
    return SSLCredentials(context) if context else None


def _ssl_context(kafka: KafkaSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(kafka.ssl_ca_location) if kafka.ssl_ca_location else None)
    if kafka.ssl_certificate_location:
        context.load_cert_chain(kafka.ssl_certificate_location, kafka.ssl_key_location)
    return context
