"""The topic table: creates the topics, feeds docs/asyncapi.yaml and names where each record goes.

Records are keyed by session and spread with `murmur2_random`, so that librdkafka and Java clients agree. Topics that a
station touches carry the tenant in their name, because broker ACLs are per topic.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from huizhen.schemas.ids import TenantId
from huizhen.schemas.settings import KafkaSettings

PARTITIONER = "murmur2_random"
MIB, HOUR_MS, DAY_MS = 1 << 20, 3_600_000, 86_400_000
PACKETS_RECORD_MAX = MIB  # as Kafka's own default
FRAME_RECORD_MAX = 16 * MIB  # a 2,000 x 2,000 colour picture of noise; larger is refused by name
REJECTED_RECORD_MAX = FRAME_RECORD_MAX + MIB  # any refused record whole, key and headers too, and why it was refused
RECORD_MAX = REJECTED_RECORD_MAX  # of all topics: what clients and brokers let through
EVENT_PARTITIONS_MAX = 4
UNBOUNDED = -1  # Kafka's word for no limit in bytes


class Topic(StrEnum):
    """What a topic is for; `name_of` gives its name on the broker."""

    SESSIONS = "sessions"
    PACKETS = "packets"
    BACKFILL = "backfill"
    COMMANDS = "commands"
    FRAMES = "frames"
    VERDICTS = "verdicts"
    REJECTED = "rejected"
    UNCLAIMED = "unclaimed"
    LEDGER = "ledger"
    CONSULTS = "consults"
    GESTURES = "gestures"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    topic: Topic
    per_tenant: bool
    key: str
    holds: tuple[str, ...]
    """Schema names of its Avro records, or the types of its binary ones"""
    writers: str
    readers: str
    compacted: bool
    retention_ms: int
    record_max: int
    spread: bool
    """Whether it has all partitions (frames) or few (events)"""
    summary: str


TABLE: tuple[Row, ...] = (
    Row(Topic.SESSIONS, True, "session|kind[|id]", ("announced", "geometry_declared", "progress", "sealed"),
        "capture", "processors, archive, api", True, -1, MIB, False, "Sessions, their geometry, progress and end"),
    Row(Topic.PACKETS, True, "session", ("packet.v1",),
        "capture", "processors", False, 4 * HOUR_MS, PACKETS_RECORD_MAX, True, "Coded tiles of live frames"),
    Row(Topic.BACKFILL, True, "session", ("packet.v1",),
        "capture", "processors", False, 12 * HOUR_MS, FRAME_RECORD_MAX, True, "Whole frames sent late"),
    Row(Topic.COMMANDS, True, "station", ("command",),
        "processors, archive, api", "capture", False, HOUR_MS, MIB, False,
        "What a station is told; the station decides"),
    Row(Topic.FRAMES, False, "session", ("frame.v1",),
        "processors", "archive, api", False, 4 * HOUR_MS, FRAME_RECORD_MAX, True, "Stitched codestreams"),
    Row(Topic.VERDICTS, False, "session", ("frame_verdict",),
        "processors", "archive, api, QC", False, 28 * DAY_MS, MIB, True, "One verdict per frame and revision"),
    Row(Topic.REJECTED, True, "session", ("rejected.v1",),
        "capture, processors, archive", "archive, people", False, 28 * DAY_MS, REJECTED_RECORD_MAX, False,
        "Refused bytes and why; of what a station could not read a notice only"),
    Row(Topic.UNCLAIMED, False, "session", ("rejected.v1",),
        "archive", "people", False, 28 * DAY_MS, REJECTED_RECORD_MAX, False,
        "Refused records of the common topics that name no institution of the deployment"),
    Row(Topic.LEDGER, False, "tenant|session|what", ("ledger_entry", "seal_report"),
        "archive", "api, checker", True, -1, MIB, False, "What became of every frame"),
    Row(Topic.CONSULTS, False, "tenant|consult", ("consult_event",),
        "api", "api", False, 365 * DAY_MS, MIB, False, "Consultations as events"),
    Row(Topic.GESTURES, False, "tenant|consult", ("gesture",),
        "api", "api", False, 7 * DAY_MS, MIB, False, "Pointers and moving views in consultation rooms"),
    Row(Topic.AUDIT, False, "tenant", ("audit_event",),
        "all", "audit sink", False, 365 * DAY_MS, MIB, False, "One per access, log-in and denial"),
)  # fmt: skip
ROWS = {row.topic: row for row in TABLE}
KEPT_BY_TIME = frozenset({Topic.CONSULTS, Topic.AUDIT})
"""Kept for their whole time, whatever their size: a limit in bytes would cut a busy partition's audit trail short"""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as the broker is asked to make it."""

    name: str
    partitions: int
    replication_factor: int
    config: dict[str, str]


def name_of(topic: Topic, tenant: TenantId | None = None) -> str:
    """Give a topic's name on the broker; the tenant where the table wants one."""
    if ROWS[topic].per_tenant:
        if tenant is None:
            raise ValueError(f"topic {topic} is per tenant")
        return f"huizhen.{tenant}.{topic}"
    return f"huizhen.{topic}"


def tenant_of(name: str) -> TenantId | None:
    """Give the tenant that a topic's name carries, or None."""
    pieces = name.split(".")
    return TenantId(pieces[1]) if len(pieces) == 3 else None


def kind_of(name: str) -> str:
    """Give the last piece of a topic's name: what it is for, one of few and without a tenant."""
    return name.rsplit(".", 1)[-1]


def topics_for(tenants: Iterable[str], kafka: KafkaSettings) -> list[TopicSpec]:
    """List all topics of a deployment with the settings that go with them."""
    specs = []
    named = [TenantId(tenant) for tenant in tenants]
    for row in TABLE:
        for tenant in named if row.per_tenant else [None]:
            specs.append(_spec(row, tenant, kafka))
    return specs


def _spec(row: Row, tenant: TenantId | None, kafka: KafkaSettings) -> TopicSpec:
    partitions = kafka.partitions if row.spread else min(kafka.partitions, EVENT_PARTITIONS_MAX)
    config = {
        "cleanup.policy": "compact" if row.compacted else "delete",
        "max.message.bytes": str(row.record_max),
        "min.insync.replicas": str(kafka.min_insync_replicas),
        "unclean.leader.election.enable": "false",
        # a station learns the cloud's clock from the stamps of its own Progress (huizhen.producers.clock)
        "message.timestamp.type": "LogAppendTime" if row.topic is Topic.SESSIONS else "CreateTime",
        # ours are coded already; a compressed batch would hide a record above the limit, which no topic could take then
        "compression.type": "uncompressed",
    }
    if not row.compacted:
        share = max(2 * row.record_max, 16 * MIB, kafka.retention_bytes // partitions)
        config |= {
            "retention.ms": str(row.retention_ms),
            "retention.bytes": str(UNBOUNDED if row.topic in KEPT_BY_TIME else share),
            "segment.bytes": str(min(256 * MIB, max(8 * MIB, row.record_max + MIB, share // 4))),
        }
    return TopicSpec(name_of(row.topic, tenant), partitions, kafka.replication_factor, config)
