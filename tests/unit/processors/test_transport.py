import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiokafka
import pytest
from aiokafka.consumer.fetcher import Fetcher
from cryptography import x509
from faust import SASLCredentials, SSLCredentials
from faust.transport.drivers import aiokafka as driver
from faust.transport.drivers import by_url
from faust.types import TP
from pydantic import SecretStr

from huizhen.processors import transport
from huizhen.processors.app import build, topics_of
from huizhen.processors.inflow import INFLOW_BYTES_MAX, Inflow
from huizhen.processors.throughput import Throughput
from huizhen.processors.transport import (
    BUSY,
    CALM,
    UNKNOWN_END,
    Consumer,
    ConsumerThread,
    Transport,
    credentials,
    end_of,
)
from huizhen.schemas.settings import KafkaSettings, Settings
from huizhen.schemas.topics import Topic

LIVE, LATE = TP("live", 0), TP("late", 0)


async def nothing(_: Any) -> None:
    return None


def settings(**changes: Any) -> Settings:
    return Settings(_secrets_dir=None, **changes)


def test_faust_finds_the_transport_by_its_entry_point() -> None:
    assert by_url("huizhen://127.0.0.1:9092") is Transport


async def test_the_app_has_the_settings_that_were_measured() -> None:
    app = build(settings(processor={"tenants": ["a", "b"], "instance_id": "worker-7"}), nothing, nothing)
    conf = app.conf
    assert [str(url) for url in conf.broker] == ["huizhen://127.0.0.1:9092"]
    assert (conf.id, conf.consumer_group_instance_id) == ("huizhen-processors", "worker-7")
    assert (conf.broker_max_poll_records, conf.stream_buffer_maxsize) == (100, 4096)
    assert (conf.broker_session_timeout, conf.broker_heartbeat_interval, conf.broker_commit_interval) == (10, 3, 0.5)
    assert not conf.topic_allow_declare
    assert conf.topic_disable_leader
    assert not conf.web_enabled
    assert not conf.stream_wait_empty
    assert app.inflow.backfill_topics == {"huizhen.a.backfill", "huizhen.b.backfill"}
    assert {name: list(agent.channel.topics) for name, agent in app.agents.items()} == {
        "live": ["huizhen.a.packets", "huizhen.b.packets"],
        "backfill": ["huizhen.a.backfill", "huizhen.b.backfill"],
    }


def test_topics_are_named_for_all_tenants() -> None:
    assert topics_of(settings(processor={"tenants": ["a", "b"]}), Topic.SESSIONS) == [
        "huizhen.a.sessions",
        "huizhen.b.sessions",
    ]


async def test_the_consumer_waits_a_tenth_of_a_second_per_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    class Made:
        _fetch_max_wait_ms = 1500
        _fetch_min_bytes = 7
        _fetch_max_bytes = 0

    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_create_worker_consumer", lambda self, transport: Made())
    made = ConsumerThread._create_worker_consumer(object.__new__(ConsumerThread), object.__new__(Transport))
    assert (made._fetch_max_wait_ms, made._fetch_min_bytes, made._fetch_max_bytes) == (100, 1, 16 << 20)
    consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1")
    ours = {"_fetch_max_wait_ms", "_fetch_min_bytes", "_fetch_max_bytes", "_fetcher"}
    assert ours <= set(vars(consumer)), "aiokafka has renamed what we set"
    await consumer.stop()


async def test_what_the_thread_says_of_fetches_stands_in_the_next_request() -> None:
    tp = TP("live", 0)
    state = SimpleNamespace(has_valid_position=True, paused=False, position=5)
    assignment = SimpleNamespace(tps=[tp], state_value=lambda tp: state)
    cluster = SimpleNamespace(leader_for_partition=lambda tp: 1, broker_metadata=lambda node: None)
    client = SimpleNamespace(_loop=None, _metadata_max_age_ms=1, cluster=cluster)
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    subscription = SimpleNamespace(assignment=None)
    subscriptions = SimpleNamespace(
        subscription=subscription, wait_for_assignment=lambda: never, register_fetch_waiters=lambda waiters: None
    )
    fetcher = Fetcher(client, subscriptions)  # aiokafka's own
    thread = object.__new__(ConsumerThread)
    thread._consumer = SimpleNamespace(_fetcher=fetcher)
    for fetching in (BUSY, CALM):
        thread.fetch_as(fetching)
        ((_, request),) = fetcher._get_actions_per_node(assignment)[0]
        assert (request._max_wait_ms, request._min_bytes) == (fetching.wait_ms, fetching.min_bytes)
    await fetcher.close()


def test_before_there_is_a_fetcher_nothing_is_said() -> None:
    thread = object.__new__(ConsumerThread)
    thread._consumer = None
    thread.fetch_as(BUSY)
    assert thread.fetching is CALM


def test_the_end_of_a_partition_is_what_the_last_fetch_said() -> None:
    def app(highwater: Callable[[TP], int | None]) -> Any:
        return type("FakeApp", (), {"consumer": type("C", (), {"highwater": staticmethod(highwater)})})

    def not_ours(tp: TP) -> int:
        raise AssertionError

    assert end_of(app(lambda tp: 7), "live", 0) == 7
    assert end_of(app(lambda tp: None), "live", 0) == UNKNOWN_END
    assert end_of(app(not_ours), "live", 0) == UNKNOWN_END


class FakeThread:
    fetching = CALM

    def fetch_as(self, fetching: transport.Fetching) -> None:
        self.fetching = fetching


class FakeConsumer(Consumer):
    """Answers from a table of what each set of partitions holds."""

    def __init__(self, inflow: Inflow, held: dict[TP, str]) -> None:
        self.app = type("FakeApp", (), {"inflow": inflow, "throughput": Throughput()})()
        self._thread = FakeThread()
        self.held = held
        self.asked: list[tuple[set[TP], float]] = []

    async def sleep(self, n: float, *, loop: Any = None) -> None:
        self.asked.append((set(), n))


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getmany(self: FakeConsumer, active_partitions: set[TP], wait_s: float) -> dict[TP, str]:
        self.asked.append((active_partitions, wait_s))
        return {tp: self.held[tp] for tp in active_partitions if tp in self.held}

    monkeypatch.setattr(driver.Consumer, "_getmany", getmany)


@pytest.mark.usefixtures("fetched")
async def test_live_records_are_fetched_before_late_ones() -> None:
    inflow = Inflow(frozenset({"late"}))
    both = FakeConsumer(inflow, {LIVE: "l", LATE: "b"})
    assert await both._getmany({LIVE, LATE}, 1.0) == {LIVE: "l"}
    late_only = FakeConsumer(inflow, {LATE: "b"})
    assert await late_only._getmany({LIVE, LATE}, 1.0) == {LATE: "b"}
    assert late_only.asked == [({LIVE}, 0.0), ({LIVE, LATE}, 1.0)]


@pytest.mark.usefixtures("fetched")
async def test_while_a_late_record_waits_no_other_late_one_is_fetched() -> None:
    inflow = Inflow(frozenset({"late"}))
    inflow.fetched("late", 10)
    consumer = FakeConsumer(inflow, {LATE: "b"})
    assert await consumer._getmany({LIVE, LATE}, 1.0) == {}
    assert consumer.asked == [({LIVE}, transport.BACKFILL_WAIT_S)]


@pytest.mark.usefixtures("fetched")
async def test_records_share_fetches_while_much_arrives() -> None:
    consumer = FakeConsumer(Inflow(), {LIVE: "l"})
    await consumer._getmany({LIVE}, 1.0)
    assert consumer._thread.fetching is CALM
    consumer.app.throughput.is_busy = True
    consumer.app.throughput.arrived(1 << 40)
    await consumer._getmany({LIVE}, 1.0)
    assert consumer._thread.fetching is BUSY


@pytest.mark.usefixtures("fetched")
async def test_without_room_or_partitions_nothing_is_fetched() -> None:
    inflow = Inflow()
    consumer = FakeConsumer(inflow, {LIVE: "l"})
    assert await consumer._getmany(set(), 1.0) == {}
    inflow.fetched("live", INFLOW_BYTES_MAX)
    assert await consumer._getmany({LIVE}, 1.0) == {}
    assert {tuple(asked) for asked, _ in consumer.asked} == {()}


def certificate(folder: Path) -> Path:
    from datetime import UTC, datetime, timedelta

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + timedelta(days=3650)).sign(
        key, hashes.SHA256()
    )
    path = folder / "both.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def test_tls_and_sasl_come_from_the_settings(tmp_path: Path) -> None:
    pem = certificate(tmp_path)
    assert credentials(KafkaSettings()) is None
    tls = credentials(
        KafkaSettings(security_protocol="SSL", ssl_ca_location=pem, ssl_certificate_location=pem, ssl_key_location=pem)
    )
    assert isinstance(tls, SSLCredentials)
    assert tls.context.verify_mode is ssl.CERT_REQUIRED
    plain = credentials(
        KafkaSettings(security_protocol="SASL_PLAINTEXT", sasl_username="me", sasl_password=SecretStr("s"))
    )
    assert isinstance(plain, SASLCredentials)
    assert (plain.username, plain.password, plain.mechanism.value) == ("me", "s", "SCRAM-SHA-512")
    assert plain.ssl_context is None
    both = credentials(KafkaSettings(security_protocol="SASL_SSL", ssl_ca_location=pem))
    assert isinstance(both, SASLCredentials)
    assert both.ssl_context is not None
