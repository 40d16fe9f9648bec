"""Create the topics of the table, and say how they stand on the broker."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,  # pyright: ignore[reportPrivateImportUsage] # its documented place
    ConfigEntry,  # pyright: ignore[reportPrivateImportUsage] # as above
    ConfigResource,  # pyright: ignore[reportPrivateImportUsage] # as above
)
from confluent_kafka.cimpl import NewTopic

from huizhen.cli.kafka_io import admin_client
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.settings import KafkaSettings
from huizhen.schemas.topics import TopicSpec, topics_for

ANSWER_S = 15.0
STEP_S = 0.02


@dataclass(frozen=True, slots=True)
class Standing:
    """One topic of the table and what the broker has."""

    spec: TopicSpec
    partitions: int
    """On the broker; 0: it is not there"""
    created: bool = False
    differs: tuple[str, ...] = ()
    """Settings that are not the table's, as `name: the broker's -> the table's`"""
    altered: bool = False
    """Whether they were made the table's"""


def ensure_topics(
    kafka: KafkaSettings, tenants: Sequence[str], timeout_s: float = ANSWER_S, *, alter: bool = False
) -> list[Standing]:
    """Create the topics that are missing; `alter`: make the settings of the others the table's. Raises Unavailable."""
    client = admin_client(kafka)
    there = _counts(client, kafka, timeout_s)
    specs = topics_for(tenants, kafka)
    made = _create(client, [spec for spec in specs if spec.name not in there], timeout_s)
    _wait_until_known(client, kafka, made, timeout_s)
    found = _differences(client, [spec for spec in specs if spec.name in there], timeout_s) if alter else {}
    _alter(client, [(spec, found[spec.name]) for spec in specs if found.get(spec.name)], timeout_s)
    return [
        Standing(spec, there.get(spec.name, spec.partitions), spec.name in made, _said(spec, found), altered=alter)
        for spec in specs
    ]


def look_at_topics(kafka: KafkaSettings, tenants: Sequence[str], timeout_s: float = ANSWER_S) -> list[Standing]:
    """Compare the table with the broker and change nothing. Raises Unavailable."""
    client = admin_client(kafka)
    there = _counts(client, kafka, timeout_s)
    specs = topics_for(tenants, kafka)
    found = _differences(client, [spec for spec in specs if spec.name in there], timeout_s)
    return [Standing(spec, there.get(spec.name, 0), differs=_said(spec, found)) for spec in specs]


Differences = dict[str, dict[str, str]]
"""By topic: the broker's values of those settings that are not the table's"""


def _said(spec: TopicSpec, found: Differences) -> tuple[str, ...]:
    return tuple(f"{name}: {there} -> {spec.config[name]}" for name, there in found.get(spec.name, {}).items())


def _differences(client: AdminClient, specs: list[TopicSpec], timeout_s: float) -> Differences:
    wanted = {spec.name: spec for spec in specs}
    asked = client.describe_configs(
        [ConfigResource(ConfigResource.Type.TOPIC, name) for name in wanted], request_timeout=timeout_s
    ) if wanted else {}  # fmt: skip
    found: Differences = {}
    for resource, answer in asked.items():
        try:
            there = {name: str(entry.value) for name, entry in answer.result(timeout_s).items()}
        except KafkaException as error:
            raise Unavailable(f"settings of topic {resource.name} ({error.args[0].str()})") from None
        config = wanted[resource.name].config
        found[resource.name] = {name: there.get(name, "") for name in config if there.get(name) != config[name]}
    return found


def _alter(client: AdminClient, changes: Sequence[tuple[TopicSpec, Mapping[str, str]]], timeout_s: float) -> None:
    """Set single settings (KIP-339); what somebody set besides the table's stays."""
    if not changes:
        return
    resources = [
        ConfigResource(
            ConfigResource.Type.TOPIC,
            spec.name,
            incremental_configs=[
                ConfigEntry(name, spec.config[name], incremental_operation=AlterConfigOpType.SET) for name in names
            ],
        )
        for spec, names in changes
    ]
    for resource, answer in client.incremental_alter_configs(resources, request_timeout=timeout_s).items():
        try:
            answer.result(timeout_s)
        except KafkaException as error:
            raise Unavailable(f"settings of topic {resource.name} ({error.args[0].str()})") from None


def _counts(client: AdminClient, kafka: KafkaSettings, timeout_s: float) -> dict[str, int]:
    try:
        there = client.list_topics(timeout=timeout_s).topics
    except KafkaException as error:
        raise Unavailable(f"Kafka at {kafka.bootstrap} ({error.args[0].str()})") from None
    return {name: len(found.partitions) for name, found in there.items() if found.error is None}


def _wait_until_known(client: AdminClient, kafka: KafkaSettings, names: set[str], timeout_s: float) -> None:
    """Wait until the broker knows what its controller has created: for some milliseconds clients would be refused."""
    end = time.monotonic() + timeout_s
    while not names <= _counts(client, kafka, timeout_s).keys():
        if time.monotonic() > end:
            raise Unavailable(f"Kafka at {kafka.bootstrap} (it does not show the topics it created)")
        time.sleep(STEP_S)


def _create(client: AdminClient, specs: list[TopicSpec], timeout_s: float) -> set[str]:
    if not specs:
        return set()
    wanted = [NewTopic(spec.name, spec.partitions, spec.replication_factor, config=spec.config) for spec in specs]
    made = set()
    for name, done in client.create_topics(wanted, request_timeout=timeout_s).items():
        try:
            done.result(timeout_s)
            made.add(name)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # else: somebody was faster
                raise Unavailable(f"topic {name} ({error.args[0].str()})") from None
    return made
