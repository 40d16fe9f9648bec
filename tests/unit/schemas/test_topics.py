import pytest

from huizhen.schemas import avro, topics
from huizhen.schemas.ids import TenantId
from huizhen.schemas.settings import KafkaSettings
from huizhen.schemas.topics import Topic

PLAIN = KafkaSettings()


def test_stations_topics_carry_the_tenant_and_the_others_do_not() -> None:
    names = [spec.name for spec in topics.topics_for(["a", "b"], PLAIN)]
    assert len(names) == len(set(names)) == 5 * 2 + 7
    assert {"huizhen.a.packets", "huizhen.b.packets", "huizhen.frames", "huizhen.ledger"} <= set(names)


def test_a_topics_name_gives_its_tenant_back() -> None:
    assert topics.tenant_of(topics.name_of(Topic.PACKETS, TenantId("a"))) == "a"
    assert topics.tenant_of(topics.name_of(Topic.FRAMES)) is None


def test_a_tenant_topic_without_tenant_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="per tenant"):
        topics.name_of(Topic.PACKETS)


def test_frames_may_be_16_mb_and_packets_one() -> None:
    found = {
        spec.name: spec
        for spec in topics.topics_for(["a"], KafkaSettings(partitions=12, replication_factor=3, min_insync_replicas=2))
    }
    assert found["huizhen.frames"].config["max.message.bytes"] == str(16 << 20)
    assert found["huizhen.a.packets"].config["max.message.bytes"] == str(1 << 20)
    assert found["huizhen.frames"].partitions == 12
    assert found["huizhen.ledger"].partitions == 4
    assert {spec.replication_factor for spec in found.values()} == {3}
    assert {spec.config["min.insync.replicas"] for spec in found.values()} == {"2"}


def test_state_is_compacted_and_streams_are_bounded_in_bytes_and_time() -> None:
    found = {spec.name: spec.config for spec in topics.topics_for(["a"], PLAIN)}
    assert found["huizhen.a.sessions"]["cleanup.policy"] == found["huizhen.ledger"]["cleanup.policy"] == "compact"
    assert "retention.bytes" not in found["huizhen.ledger"]
    assert int(found["huizhen.frames"]["retention.bytes"]) * 8 == 2 << 30


def test_audit_is_kept_half_a_year_at_least() -> None:
    found = {spec.name: spec.config for spec in topics.topics_for(["a"], PLAIN)}
    for name in ("huizhen.audit", "huizhen.consults"):
        assert int(found[name]["retention.ms"]) >= 180 * topics.DAY_MS
        assert found[name]["retention.bytes"] == "-1"
    bounded = [config for name, config in found.items() if "retention.bytes" in config and name not in topics_by_time()]
    assert all(int(config["retention.bytes"]) > 0 for config in bounded)


def topics_by_time() -> set[str]:
    return {topics.name_of(topic) for topic in topics.KEPT_BY_TIME}


def test_what_a_topic_is_for_says_no_tenant() -> None:
    assert topics.kind_of("huizhen.clinic.sessions") == "sessions"
    assert topics.kind_of("huizhen.ledger") == "ledger"


def test_every_schema_of_the_table_exists() -> None:
    binary = {"packet.v1", "frame.v1", "rejected.v1"}
    named = {name for row in topics.TABLE for name in row.holds} - binary
    assert named == set(avro.KINDS)


def test_rejected_takes_the_largest_record_of_any_other_topic_and_its_reason() -> None:
    others = [row.record_max for row in topics.TABLE if row.topic not in (Topic.REJECTED, Topic.UNCLAIMED)]
    assert topics.ROWS[Topic.UNCLAIMED].record_max == topics.ROWS[Topic.REJECTED].record_max
    assert topics.ROWS[Topic.REJECTED].record_max >= max(others) + topics.MIB
    assert max(row.record_max for row in topics.TABLE) == topics.RECORD_MAX


def test_a_segment_takes_the_largest_record_of_its_topic_however_little_is_kept() -> None:
    for spec in topics.topics_for(["a"], KafkaSettings(retention_bytes=topics.MIB)):
        if "segment.bytes" in spec.config:
            assert int(spec.config["segment.bytes"]) > int(spec.config["max.message.bytes"])


def test_no_batch_hides_more_bytes_than_its_topic_allows() -> None:
    assert {spec.config["compression.type"] for spec in topics.topics_for(["a"], PLAIN)} == {"uncompressed"}
