"""The shared Kafka shell against a real broker."""

import threading
import time
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

from huizhen.schemas.errors import BadEnvelope, Unavailable
from huizhen.schemas.events import Command, Progress
from huizhen.schemas.ids import TenantId
from huizhen.schemas.kafka_io import EventReader, Place, Publisher, headers_of
from huizhen.schemas.routing import Record, to_record
from huizhen.schemas.settings import KafkaSettings, kafka_client_config
from huizhen.schemas.topics import Topic, name_of
from tests.services.raw_batch import send_poisoned
from tests.services.waiting import wait_for


def progress(tenant: str, captured: int) -> Record:
    event = Progress(tenant, "exam-1", "probe", 1, 0, captured, "0" * 64)
    return to_record(event, f"p-{captured}", 0)


def test_what_is_published_is_read_in_order_and_keys_stay_together(kafka: KafkaSettings, tenant: str) -> None:
    config = kafka_client_config(kafka)
    publisher = Publisher(config)
    failures: list[KafkaError] = []

    def delivered(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failures.append(error)

    for number in range(50):
        publisher.send(progress(tenant, number), delivered)
    assert publisher.close() == 0
    assert failures == []
    found: list[tuple[Any, Place]] = []
    reader = EventReader(config, [f"huizhen.{tenant}.sessions"], lambda event, place: found.append((event, place)))
    reader.start()
    assert reader.catch_up(20)
    reader.close()
    assert [event.captured for event, _ in found] == list(range(50))
    assert len({place.partition for _, place in found}) == 1
    assert {place.key for _, place in found} == {"exam-1|progress|probe"}


def test_a_reader_from_the_end_sees_only_what_comes_later(kafka: KafkaSettings, tenant: str) -> None:
    config = kafka_client_config(kafka)
    publisher = Publisher(config)
    publisher.send(progress(tenant, 1))
    assert publisher.flush(20) == 0
    found: list[int] = []
    came = threading.Event()

    def take(event: Any, _: Place) -> None:
        found.append(event.captured)
        came.set()

    reader = EventReader(config, [f"huizhen.{tenant}.sessions"], take, from_end=True).start()
    publisher.send(progress(tenant, 2))
    assert came.wait(20)
    reader.close()
    publisher.close()
    assert found == [2]


def test_a_reader_since_a_time_passes_over_what_is_older(kafka: KafkaSettings, tenant: str) -> None:
    config = kafka_client_config(kafka)
    publisher = Publisher(config)
    publisher.send(progress(tenant, 1))
    assert publisher.flush(20) == 0
    between_ms = time.time_ns() // 1_000_000 + 1
    wait_for(lambda: time.time_ns() // 1_000_000 > between_ms, 60, "the clock moves on")
    publisher.send(progress(tenant, 2))
    assert publisher.close() == 0
    found: list[int] = []
    topic = f"huizhen.{tenant}.sessions"
    reader = EventReader(config, [topic], lambda event, _: found.append(event.captured), since_ms=between_ms).start()
    assert reader.catch_up(20)
    reader.close()
    assert found == [2]


def test_records_that_are_no_events_are_passed_over(kafka: KafkaSettings, tenant: str) -> None:
    config = kafka_client_config(kafka)
    publisher = Publisher(config)
    topic = f"huizhen.{tenant}.commands"
    publisher.send_raw(topic, "station-1", b"no event", [("ce_specversion", b"1.0")])
    publisher.send(to_record(Command(tenant, "station-1", "resend", 0, "exam-1"), "c", 0))
    assert publisher.close() == 0
    found: list[Any] = []
    reader = EventReader(config, [topic], lambda event, _: found.append(event)).start()
    assert reader.catch_up(20)
    reader.close()
    assert [event.kind for event in found] == ["resend"]


def test_an_event_that_names_another_institution_is_refused_and_counted(kafka: KafkaSettings, tenant: str) -> None:
    config = kafka_client_config(kafka)
    publisher = Publisher(config)
    topic = f"huizhen.{tenant}.sessions"
    forged = progress("clinic", 9)
    publisher.send_raw(topic, forged.key, forged.value, forged.headers)
    wrong_kind = to_record(Command(tenant, "station-1", "resend", 0, "exam-1"), "c", 0)
    publisher.send_raw(topic, forged.key, wrong_kind.value, wrong_kind.headers)
    publisher.send_raw(topic, forged.key, b"no event", [("ce_specversion", b"1.0")])
    publisher.send(progress(tenant, 3))
    assert publisher.close() == 0
    found: list[Any] = []
    refused: list[str] = []
    reader = EventReader(config, [topic], lambda event, _: found.append(event), refused=refused.append).start()
    assert reader.catch_up(20)
    reader.close()
    assert ([event.captured for event in found], refused) == ([3], ["sessions"] * 3)


def test_a_missing_topic_says_how_to_make_it(kafka: KafkaSettings) -> None:
    with pytest.raises(Unavailable, match="huizhen topics"):
        EventReader(kafka_client_config(kafka), ["huizhen.nobody.sessions"], lambda *_: None)


def test_a_full_queue_is_said_at_once_and_not_waited_for() -> None:
    nowhere = {"bootstrap.servers": "127.0.0.1:1"}
    publisher = Publisher(nowhere, max_bytes=1 << 20, overrides={"message.timeout.ms": 500})
    for _ in range(10):
        publisher.send_raw("t", "k", b"\0" * 100_000, [])
    with pytest.raises(Unavailable, match="queue"):
        publisher.send_raw("t", "k", b"\0" * 100_000, [])
    publisher.flush(5)
    publisher.close()


def test_a_header_name_that_is_no_text_is_refused_each_time_however_often_it_comes(
    kafka: KafkaSettings, tenant: str
) -> None:
    topic = name_of(Topic.REJECTED, TenantId(tenant))
    strange: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]] = [
        (b"k", b"v", [("ce_id", b"x"), ("NAME", b"v")])
    ] * 50
    send_poisoned(kafka.bootstrap, topic, strange, b"NAME", b"\xff\xfeME")
    consumer = Consumer({**kafka_client_config(kafka), "group.id": "strange", "enable.auto.commit": "false"})
    try:
        consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        refused = 0
        while refused < len(strange):
            message = consumer.poll(10)
            assert message is not None
            with pytest.raises(BadEnvelope, match="no UTF-8"):
                headers_of(message)
            refused += 1
    finally:
        consumer.close()
