"""The Faust application, built by a function; the reason of each setting stands beside it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from huizhen.processors.inflow import Inflow
from huizhen.processors.throughput import Throughput
from huizhen.processors.transport import App, credentials
from huizhen.schemas.ids import TenantId
from huizhen.schemas.settings import Settings
from huizhen.schemas.topics import Topic, name_of

SESSION_TIMEOUT_S = 10.0  # takeover after a kill without static membership waits this long; Faust's 60 s is too long
REQUEST_S = (
    15.0  # a broker that is frozen and keeps its connections: Faust waits 90 s for it; above the session timeout
)
HEARTBEAT_S = 3.0  # three within a session timeout
COMMIT_INTERVAL_S = 0.5  # at most half a second of delivered records is repeated; Faust's 2.8 s is too much
POLL_RECORDS = 100  # with 4,096 in the buffer Faust never meets a full buffer, where it would sleep a whole second
BUFFER_RECORDS = 4096
FETCH_BYTES = 2 << 20  # per partition and fetch; a larger record comes alone (KIP-74)
Body = Callable[[Any], Awaitable[None]]


def topics_of(settings: Settings, topic: Topic) -> list[str]:
    """Name a topic of all tenants. A pattern fails on Kafka, so a new tenant means a rolling restart."""
    return [name_of(topic, TenantId(tenant)) for tenant in settings.processor.tenants]


def folder_of(settings: Settings) -> Path:
    """Give the folder Faust insists on; nothing is kept in it."""
    return settings.state / "processors" / settings.processor.instance_id


def build(settings: Settings, live: Body, late: Body) -> App:
    """Build the application: an agent for live packets and one for backfill, each with concurrency 1 and no acks."""
    processor = settings.processor
    app = App(
        id=processor.group,
        broker=[f"huizhen://{server}" for server in settings.kafka.bootstrap.split(",")],
        broker_credentials=credentials(settings.kafka),
        broker_client_id="huizhen-processors",
        consumer_group_instance_id=processor.instance_id,  # static: 1.6 s of silence after kill -9 instead of 20
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=FETCH_BYTES,
        broker_max_poll_records=POLL_RECORDS,
        broker_request_timeout=REQUEST_S,
        broker_session_timeout=SESSION_TIMEOUT_S,
        broker_heartbeat_interval=HEARTBEAT_S,
        broker_commit_interval=COMMIT_INTERVAL_S,
        broker_check_crcs=False,  # every packet is held against its SHA-256 anyway
        stream_buffer_maxsize=BUFFER_RECORDS,
        stream_wait_empty=False,  # records are held by design; what is not acknowledged is read again
        topic_allow_declare=False,  # topics are made from the table, never by a worker
        topic_disable_leader=True,
        web_enabled=False,  # health and metrics are served by our own server
        autodiscover=False,
        store="memory://",
        datadir=str(folder_of(settings)),
        key_serializer="raw",
        value_serializer="raw",
    )
    backfill = topics_of(settings, Topic.BACKFILL)
    app.inflow, app.throughput = Inflow(frozenset(backfill)), Throughput()
    _agent(app, "live", topics_of(settings, Topic.PACKETS), live)
    _agent(app, "backfill", backfill, late)
    return app


def _agent(app: App, name: str, topics: list[str], body: Body) -> None:
    topic = app.topic(*topics, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    async def process(stream: Any) -> None:
        async for event in stream.noack().events():
            message = event.message
            app.inflow.taken(message.topic, len(message.value or b""))
            if stream.channel.queue.empty():
                app.inflow.emptied(message.topic)
            await body(message)

    app.agent(topic, name=name, concurrency=1)(process)
