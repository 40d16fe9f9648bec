"""Refused records are found wherever they stand: by institution, of nobody, and on the shared topic of before."""

from collections.abc import Callable
from dataclasses import replace

from confluent_kafka.admin import AdminClient, NewTopic

from huizhen.cli.rejected import Wanted
from huizhen.cli.rejected_io import Desk, refused
from huizhen.schemas.errors import BadEnvelope
from huizhen.schemas.ids import SubjectId, TenantId
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.rejected import Origin, Original, to_rejected
from huizhen.schemas.settings import KafkaSettings, kafka_client_config

BEFORE = "huizhen.rejected"


def test_records_of_every_topic_of_refusals_are_listed_and_decided(
    kafka: KafkaSettings, admin: AdminClient, topics: Callable[[str], str], tenant: str
) -> None:
    admin.create_topics([NewTopic(BEFORE, 1, 1)])[BEFORE].result(30)
    original = Original(b"bytes", [("a", b"b")], b"exam-1", Origin("huizhen.frames", 0, 7))
    ours, nobodys = (to_rejected(BadEnvelope("planted"), original, 1, TenantId(t) if t else None) for t in (tenant, ""))
    publisher = Publisher(kafka_client_config(kafka))
    for record in (ours, nobodys, replace(nobodys, topic=BEFORE)):
        publisher.send(record)
    assert publisher.close(30) == 0
    found = {each.place.topic: (each.tenant, value) for each, value in refused(kafka, Wanted())}
    assert found == {
        f"huizhen.{tenant}.rejected": (tenant, b"bytes"), "huizhen.unclaimed": ("", b"bytes"), BEFORE: ("", b"bytes")
    }  # fmt: skip
    desk = Desk(kafka, SubjectId("op-7"), "a test", "alliance")
    for each in list(refused(kafka, Wanted())):
        desk.discard(each)
    assert {each.state for each, _ in refused(kafka, Wanted())} == {"discarded"}
    assert list(refused(kafka, Wanted(undecided=True))) == []
