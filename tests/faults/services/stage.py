"""What a fault is played on: brokers, a store behind a proxy, and one line that all faults of a run share."""

import random
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol

from huizhen.cli.kafka_io import admin_client
from huizhen.cli.topics_io import ensure_topics
from huizhen.schemas.errors import Unavailable
from huizhen.schemas.ids import TenantId
from huizhen.schemas.settings import KafkaSettings, S3Settings
from huizhen.schemas.topics import Topic, name_of
from tests.faults.services.cluster import Cluster
from tests.faults.services.line import Line
from tests.faults.services.proxy import CALM, FaultProxy
from tests.services.broker import Broker
from tests.services.store import Store
from tests.services.waiting import wait_for

TOPICS_S = 300.0
ANSWER_S = 30.0


class Form(Enum):
    """How long faults are played."""

    QUICK = "quick"
    """One of each kind, parts started cold"""
    SHORT = "short"
    """As short as shows something, parts forked"""
    FULL = "full"
    """As long as they are meant, parts started cold"""


class Brokers(Protocol):
    """One broker or three."""

    @property
    def settings(self) -> KafkaSettings:
        """How to reach them."""
        ...


@dataclass
class Stage:
    """Servers that run, and who plays on them."""

    folder: Path
    brokers: Brokers
    store: Store
    seed: int
    form: Form
    store_proxy: FaultProxy = field(init=False)
    _lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store_proxy = FaultProxy(int(self.store.settings.endpoint.rpartition(":")[2]), seed=self.seed)

    @property
    def is_full(self) -> bool:
        """Say whether faults last as long as they are meant."""
        return self.form is Form.FULL

    @property
    def s3(self) -> S3Settings:
        """The store, through the proxy."""
        return self.store.settings.model_copy(update={"endpoint": self.store_proxy.address})

    @property
    def line(self) -> Line:
        """The line that runs, started where none does."""
        if not self._lines:
            tenant = f"t{secrets.token_hex(3)}"
            self.create_topics(tenant)
            is_cold = self.form is not Form.SHORT
            self._lines.append(Line(self.folder / tenant, self.brokers.settings, self.s3, tenant, is_cold=is_cold))
            self._lines[-1].start()
        return self._lines[-1]

    def create_topics(self, tenant: str = "") -> None:
        """Create the topics that are not there."""

        def creates() -> bool:
            with suppress(Unavailable):  # brokers that have just started may be elsewhere in thought
                ensure_topics(self.brokers.settings, [tenant or self.line.tenant], ANSWER_S)
                return True
            return False

        wait_for(creates, TOPICS_S, "the topics are there")

    def remove_rejected(self) -> None:
        """Remove the institution's `rejected`, and wait until nobody knows it."""
        admin, name = admin_client(self.brokers.settings), name_of(Topic.REJECTED, TenantId(self.line.tenant))
        admin.delete_topics([name])[name].result(TOPICS_S)
        wait_for(lambda: name not in admin.list_topics(timeout=10).topics, TOPICS_S, "`rejected` is gone")

    @property
    def cluster(self) -> Cluster:
        """The brokers, where there are three."""
        assert isinstance(self.brokers, Cluster), "this fault wants three brokers"
        return self.brokers

    @property
    def only(self) -> Broker:
        """The broker, where there is one."""
        assert isinstance(self.brokers, Broker), "this fault wants one broker"
        return self.brokers

    def rng(self, fault: str) -> random.Random:
        """Give a fault its own random numbers, so that it can be played again alone."""
        return random.Random(f"{self.seed}/{fault}")

    def clear(self) -> None:
        """Make the weather calm and end the line where a fault left it in disorder."""
        self.store_proxy.weather = CALM
        if isinstance(self.brokers, Cluster):
            self.brokers.heal()
        elif isinstance(self.brokers, Broker) and not self.brokers.is_running:
            self.brokers.start()
        while self._lines:
            self._lines.pop().close()

    def close(self) -> None:
        """End all but the servers."""
        self.clear()
        self.store_proxy.close()
