"""Refused records arrive whole on `rejected`, however large; while it is away, none is acknowledged. A real worker."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient

from huizhen.cli.topics_io import ensure_topics
from huizhen.schemas.ids import TenantId
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.packed import RawHeaders, pack
from huizhen.schemas.rejected import read_rejected
from huizhen.schemas.settings import KafkaSettings, kafka_client_config
from huizhen.schemas.topics import FRAME_RECORD_MAX, Topic, name_of
from tests.services.processor_bench import Bench
from tests.services.raw_batch import send_poisoned
from tests.services.waiting import wait_for

DEADLINE_S = 60.0
BATCH_BYTES = 128  # of a record batch beside key, value and headers


@pytest.fixture
def bench(kafka: KafkaSettings, tenant: str, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(kafka, tenant, tmp_path)
    yield made
    made.close()


def committed(bench: Bench, of: Topic = Topic.BACKFILL) -> int:
    """Count the records of a topic that the worker has acknowledged."""
    topic = name_of(of, TenantId(bench.tenant))
    config = {**kafka_client_config(bench.kafka), "group.id": f"group-{bench.tenant}"}
    consumer = Consumer(config)
    try:
        places = [
            TopicPartition(topic, number) for number in consumer.list_topics(topic, 10.0).topics[topic].partitions
        ]
        return sum(max(0, place.offset) for place in consumer.committed(places, 10.0))
    except KafkaException:  # the group has no coordinator yet
        return 0
    finally:
        consumer.close()


def test_the_largest_bad_record_arrives_whole(bench: Bench) -> None:
    topic = name_of(Topic.BACKFILL, TenantId(bench.tenant))
    headers: list[tuple[str, bytes]] = [
        ("ce_specversion", b"1.0"),
        ("twice", b"a"),
        ("twice", b"b"),
        ("big", b"v" * 2**20),
    ]
    value = b"\xa5" * (FRAME_RECORD_MAX - BATCH_BYTES - len(pack(headers)) - len("not/a/session"))
    bench.publisher.send_raw(topic, "not/a/session", value, headers)
    bench.publisher.send_raw(topic, "exam-1", b"small", [])
    assert bench.publisher.flush(20.0) == 0
    wait_for(lambda: len(bench.rejected()) == 2, DEADLINE_S, f"refusals; log: {bench.folder}/worker.log")
    (found,) = [read_of(one) for one, kept in bench.rejected() if kept == value]
    assert found == (tuple(headers), b"not/a/session")


def test_records_that_no_client_writes_are_refused_and_the_worker_goes_on(bench: Bench) -> None:
    topic = name_of(Topic.PACKETS, TenantId(bench.tenant))
    many: list[tuple[str, bytes | None]] = [(f"name{number}", b"v") for number in range(70)]
    strange: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]] = [
        (b"exam-1", b"before", []),
        (b"exam-1", b"a name", [("ce_id", b"x"), ("NAME", b"v")]),
        (b"exam-1", b"no header value", [("ce_id", None)]),
        (b"exam-1", b"many", many),
        (b"", b"empty key", []),
        (None, None, []),
        (b"exam-1", b"after", []),
    ]
    send_poisoned(bench.kafka.bootstrap, topic, strange, b"NAME", b"\xff\xfeME")
    wait_for(lambda: len(bench.rejected()) == len(strange), DEADLINE_S, f"refusals; log: {bench.folder}/worker.log")
    assert bench.worker is not None
    assert bench.worker.poll() is None, "the worker goes on"
    found = {value: read_of(headers)[0] for headers, value in bench.rejected()}
    assert set(found) == {value or b"" for _, value, _ in strange}
    assert found[b"a name"] == (("ce_id", b"x"), ("\udcff\udcfeME", b"v"))
    assert found[b"no header value"] == (("ce_id", None),)
    assert found[b"many"] == tuple(many)
    wait_for(lambda: committed(bench, Topic.PACKETS) == len(strange), DEADLINE_S, "all are acknowledged")


def read_of(headers: dict[str, bytes]) -> tuple[RawHeaders, bytes]:
    found = read_rejected(list(headers.items()))
    return found.original, found.key


def test_no_compressed_batch_brings_more_than_its_topic_allows(kafka: KafkaSettings, tenant: str) -> None:
    codes: list[int] = []

    def delivered(error: KafkaError | None, _: Message) -> None:
        codes.append(error.code() if error else 0)

    packets = name_of(Topic.PACKETS, TenantId(tenant))
    publisher = Publisher(kafka_client_config(kafka))
    publisher.send_raw(packets, "exam-1", bytes(900 << 10), [], delivered)
    assert publisher.close() == 0
    sneaky = Sneaky(kafka_client_config(kafka), overrides={"message.timeout.ms": 20_000})
    sneaky.send_raw(packets, "exam-1", bytes(8 << 20), [], delivered)
    assert sneaky.close(30.0) == 0
    assert codes == [0, KafkaError.MSG_SIZE_TOO_LARGE]


class Sneaky(Publisher):
    """A publisher that compresses, as a station may that is not ours."""

    def __init__(self, config: dict[str, str], overrides: dict[str, str | int]) -> None:
        super().__init__(config, overrides={**overrides, "compression.type": "gzip"})


@pytest.mark.timeout(180)
def test_while_rejected_is_away_a_bad_record_is_held_and_said_so(bench: Bench, admin: AdminClient) -> None:
    topic = name_of(Topic.BACKFILL, TenantId(bench.tenant))
    bench.publisher.send_raw(topic, "exam-1", b"first", [])
    wait_for(lambda: committed(bench) == 1, DEADLINE_S, f"the first is acknowledged; log: {bench.folder}/worker.log")
    rejected = name_of(Topic.REJECTED, TenantId(bench.tenant))
    admin.delete_topics([rejected])[rejected].result(20.0)
    try:
        bench.publisher.send_raw(topic, "exam-1", b"second", [])
        wait_for(lambda: said(bench), DEADLINE_S, f"the worker says that it waits; log: {bench.folder}/worker.log")
        assert committed(bench) == 1
        assert bench.worker is not None
        assert bench.worker.poll() is None, "a topic that is away is no reason to leave"
    finally:
        wait_for(lambda: any(each.created for each in ensure_topics(bench.kafka, [bench.tenant])), 60, "a new topic")
    wait_for(lambda: committed(bench) == 2, DEADLINE_S, f"the second is acknowledged; log: {bench.folder}/worker.log")


def test_a_worker_on_an_older_deployment_names_the_topic_that_is_missing(
    kafka: KafkaSettings, tenant: str, admin: AdminClient, tmp_path: Path
) -> None:
    rejected = name_of(Topic.REJECTED, TenantId(tenant))
    bench = Bench(kafka, tenant, tmp_path)
    try:
        assert bench.stop(signal.SIGKILL) != 0
        admin.delete_topics([rejected])[rejected].result(20.0)
        bench.start()
        missing = f"topics are missing, create them with `huizhen topics`: {rejected}"
        wait_for(lambda: missing in bench.log, DEADLINE_S, f"the worker names it; log: {tmp_path}/worker.log")
        assert any(each.created for each in ensure_topics(kafka, [tenant]))
        wait_for(lambda: '"assigned"' in bench.log, DEADLINE_S, f"the worker begins; log: {tmp_path}/worker.log")
    finally:
        bench.close()


def said(bench: Bench) -> bool:
    if f'"topics": "huizhen.{bench.tenant}.rejected"' not in bench.log:
        return False
    port = next(each["port"] for each in map(json.loads, bench.log.splitlines()) if each["event"] == "metrics")
    return "huizhen_processors_waiting 1.0" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
