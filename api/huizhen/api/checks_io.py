"""What `/readyz` asks: Kafka, the bucket, and whether the logs are read."""

import asyncio

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from huizhen.api.health import Check
from huizhen.api.objects_io import S3Objects
from huizhen.api.world import World
from huizhen.schemas.settings import Settings, kafka_client_config

METADATA_TIMEOUT_S = 2.0


def readiness_checks(settings: Settings, objects: S3Objects, world: World) -> dict[str, Check]:
    """Make the checks."""
    admin = AdminClient({**kafka_client_config(settings.kafka), "log_level": 0})

    def ask_kafka() -> str:
        try:
            return "ok" if admin.list_topics(timeout=METADATA_TIMEOUT_S).brokers else "knows no broker"
        except KafkaException:
            return "does not answer"

    async def kafka() -> str:
        return await asyncio.to_thread(ask_kafka)

    async def store() -> str:
        return "ok" if await asyncio.to_thread(objects.check) else "the bucket does not answer to our keys"

    async def logs() -> str:
        return "ok" if world.ready else "still reading the logs of sessions"

    return {"kafka": kafka, "s3": store, "events": logs}
