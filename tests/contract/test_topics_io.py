"""Topics and lag on a real broker."""

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from huizhen.cli.lag_io import lags
from huizhen.cli.topics_io import Standing, ensure_topics, look_at_topics
from huizhen.schemas.settings import KafkaSettings, kafka_client_config
from huizhen.schemas.topics import topics_for
from tests.services.waiting import wait_for


def test_topics_are_created_once_and_then_left(kafka: KafkaSettings) -> None:
    own = {f"huizhen.once.{topic}" for topic in ("sessions", "packets", "backfill", "commands", "rejected")}
    assert {s.spec.name: s.partitions for s in look_at_topics(kafka, ["once"]) if s.spec.name in own} == dict.fromkeys(
        own, 0
    )
    first = {s.spec.name for s in ensure_topics(kafka, ["once"]) if s.created}
    assert {name for name in first if name.startswith("huizhen.once.")} == own
    assert [s.spec.name for s in ensure_topics(kafka, ["once"]) if s.created] == []
    assert all(s.partitions == s.spec.partitions for s in look_at_topics(kafka, ["once"]))


def test_the_broker_has_what_the_table_says(kafka: KafkaSettings, admin: AdminClient, tenant: str) -> None:
    spec = next(spec for spec in topics_for([tenant], kafka) if spec.name.endswith(".packets"))
    resource = ConfigResource(ResourceType.TOPIC, spec.name)
    found = admin.describe_configs([resource])[resource].result(10)
    assert {name: found[name].value for name in spec.config} == spec.config


def test_another_number_of_partitions_is_reported_and_left(kafka: KafkaSettings, tenant: str) -> None:
    wider = kafka.model_copy(update={"partitions": kafka.partitions * 2})
    standing = next(s for s in ensure_topics(wider, [tenant]) if s.spec.name == f"huizhen.{tenant}.packets")
    assert (standing.spec.partitions, standing.partitions, standing.created) == (8, 4, False)


def test_settings_of_a_topic_that_is_there_are_made_the_tables_and_others_stay(
    kafka: KafkaSettings, admin: AdminClient, tenant: str
) -> None:
    name = f"huizhen.{tenant}.packets"
    resource = ConfigResource(ResourceType.TOPIC, name)
    odd = {"retention.ms": "60000", "max.compaction.lag.ms": "123456"}
    entries = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in odd.items()]
    mine = ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)
    admin.incremental_alter_configs([mine])[mine].result(10)

    def differs(standings: list[Standing]) -> tuple[str, ...]:
        return next(standing.differs for standing in standings if standing.spec.name == name)

    wait_for(lambda: differs(look_at_topics(kafka, [tenant])), 30, "the broker knows of it")
    assert differs(look_at_topics(kafka, [tenant])) == ("retention.ms: 60000 -> 14400000",)
    assert differs(ensure_topics(kafka, [tenant])) == (), "nobody asked"
    assert differs(ensure_topics(kafka, [tenant], alter=True)) == ("retention.ms: 60000 -> 14400000",)
    wait_for(lambda: not differs(look_at_topics(kafka, [tenant])), 30, "the broker has changed it")
    assert admin.describe_configs([resource])[resource].result(10)["max.compaction.lag.ms"].value == "123456"


def test_lag_is_what_a_group_has_not_confirmed(kafka: KafkaSettings, tenant: str) -> None:
    config, topic = kafka_client_config(kafka), f"huizhen.{tenant}.packets"
    producer = Producer(config)
    for number in range(5):
        producer.produce(topic, b"x", str(number), partition=1)
    assert producer.flush(10) == 0
    consumer = Consumer({**config, "group.id": f"g-{tenant}", "enable.auto.commit": "false"})
    consumer.assign([TopicPartition(topic, 1, 0)])
    consumer.commit(offsets=[TopicPartition(topic, 1, 2)], asynchronous=False)
    consumer.close()
    assert lags(kafka, [f"g-{tenant}"], topics_for([tenant], kafka)) == {f"g-{tenant}": 3}


def test_a_group_that_never_read_has_no_lag(kafka: KafkaSettings, tenant: str) -> None:
    # confluent-kafka's admin client ends the process with a segmentation fault here.
    assert lags(kafka, ["nobody"], topics_for([tenant], kafka)) == {"nobody": None}


def test_a_broker_that_is_away_gives_no_lag() -> None:
    away = KafkaSettings(bootstrap="127.0.0.1:9")
    assert lags(away, ["nobody"], topics_for(["t"], away)[:1]) == {"nobody": None}
